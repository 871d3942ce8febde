/** @file A CUDA schedule run in main memory: generated kernels by `ptx-machine`, products by plain loops, what written
 * kernels compute by its decomposition on the reference, memory planned as on the card. */
import { byteSize, type DType } from '../../src/main/engine/ir/dtype.ts';
import { halfToBits } from '../../src/main/engine/ir/float-bits.ts';
import type { AnyNode, Graph, ValueId } from '../../src/main/engine/ir/graph.ts';
import { elementCount } from '../../src/main/engine/ir/shape.ts';
import { fromHost, toHost } from '../../src/main/engine/backends/reference/host-tensors.ts';
import { runGraph } from '../../src/main/engine/backends/reference/run-graph.ts';
import { removeDeadCode } from '../../src/main/engine/ir/passes/dead-code.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import { expandFused } from '../../src/main/engine/ops/expand.ts';
import { scheduleGraph, type Schedule } from '../../src/main/engine/backends/cuda/schedule/schedule.ts';
import type { GemmDevice, GemmProblem } from '../../src/main/engine/backends/cuda/gemm-tiles.ts';
import type { Product } from '../../src/main/engine/backends/cuda/schedule/products.ts';
import type { CallStep, Step, Sweep } from '../../src/main/engine/backends/cuda/schedule/steps.ts';
import type { Feeds, HostTensor } from '../../src/main/engine/backends/backend.ts';
import { parsePtx, runPtx } from './ptx-machine.ts';

export const H200 = { multiprocessors: 132, computeCapability: 90, maxSharedBytesPerBlock: 232_448, maxSharedBytesPerMultiprocessor: 233_472 };

export interface SimulatedRun {
  readonly outputs: Readonly<Record<string, HostTensor>>;
  readonly states: Readonly<Record<string, HostTensor>>;
  readonly schedule: Schedule;
}

/** Everything starts as NaN but the inputs and states, so that a read of what nobody wrote shows. */
export function simulate(graph: Graph, feeds: Feeds, states: Feeds = {}, card: GemmDevice = H200): SimulatedRun {
  const schedule = scheduleGraph(graph, card);
  const device = new Device(schedule);
  for (const { name, value } of schedule.graph.states) device.write(value, states[name]!);
  for (const { name, value } of schedule.graph.inputs) device.write(value, feeds[name]!);
  for (const step of schedule.steps) device.run(step);
  device.finish();
  const outputs = schedule.outputs.map(({ name, value, base, offset }) => [name, device.read(value, device.address(base) + offset)]);
  const after = schedule.graph.states.map(({ name, value }) => [name, device.read(value, device.address(value))]);
  return { outputs: Object.fromEntries(outputs), states: Object.fromEntries(after), schedule };
}

const word = new DataView(new ArrayBuffer(4));

class Device {
  readonly #schedule: Schedule;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #states = new Map<string, number>();

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    let end = Math.ceil(schedule.memory.arenaBytes / 256) * 256;
    for (const { name, value } of schedule.graph.states) {
      this.#states.set(name, end);
      end += Math.ceil(this.#size(value) / 256) * 256;
    }
    this.#bytes = new Uint8Array(end + 256).fill(0xff);
    this.#view = new DataView(this.#bytes.buffer);
  }

  address(id: ValueId): number {
    const home = this.#schedule.storage.homes.get(id);
    if (!home) throw new Error(`%${id} has no memory`);
    return home.kind === 'state' ? this.#states.get(home.name)! + home.offset : this.#schedule.memory.offsets[home.block]! + home.offset;
  }

  write(id: ValueId, { data }: HostTensor): void {
    this.#bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), this.address(id));
  }

  read(id: ValueId, address: number): HostTensor {
    const { dtype, shape } = this.#type(id);
    const { buffer } = this.#bytes.slice(address, address + this.#size(id));
    const data =
      dtype === 'f32'
        ? new Float32Array(buffer)
        : dtype === 'i32'
          ? new Int32Array(buffer)
          : dtype === 'bool'
            ? new Uint8Array(buffer)
            : new Uint16Array(buffer);
    return { dtype, shape, data };
  }

  run(step: Step): void {
    switch (step.kind) {
      case 'kernel':
        return runPtx(
          parsePtx(step.kernel.text),
          step.kernel.grid[0],
          this.#view,
          step.kernel.pointers.map((id) => this.address(id)),
        );
      case 'product':
        return this.#product(step);
      case 'call':
        return step.computes.kind === 'sweep' ? this.#sweep(step.computes.sweep) : this.#fused(step.computes.node, step);
      case 'copy':
        return this.#copy(this.address(step.to) + step.toOffset, this.address(step.from) + step.fromOffset, step.bytes);
      case 'zero':
        this.#bytes.fill(0, this.address(step.target), this.address(step.target) + step.bytes);
        return;
      default:
        return step satisfies never;
    }
  }

  finish(): void {
    for (const final of this.#schedule.finals) {
      const state = this.#states.get(final.state)!;
      if (final.kind === 'zero') this.#bytes.fill(0, state, state + final.bytes);
      else this.#copy(state, this.address(final.from) + final.fromOffset, final.bytes);
    }
  }

  #type(id: ValueId) {
    return this.#schedule.graph.values[id]!.type;
  }

  #size(id: ValueId): number {
    const { dtype, shape } = this.#type(id);
    return elementCount(shape) * byteSize(dtype);
  }

  #copy(to: number, from: number, bytes: number): void {
    this.#bytes.copyWithin(to, from, from + bytes);
  }

  #get(dtype: DType, address: number): number {
    if (dtype === 'f32') return this.#view.getFloat32(address, true);
    // A bf16 is the upper half of an f32.
    word.setUint16(2, this.#view.getUint16(address, true), true);
    return word.getFloat32(0, true);
  }

  #fused(node: AnyNode, { inputs }: CallStep): void {
    const b = new GraphBuilder(node.op);
    const given = node.inputs.map((id, i) => b.input(String(i), this.#type(id)));
    b.append(node.op, given, node.params as never).forEach((value, i) => b.output(String(i), value));
    const feeds = node.inputs.map((id, i) => this.read(id, this.address(inputs[i]!.base) + inputs[i]!.offset));
    const { outputs } = runGraph(removeDeadCode(expandFused(b.finish())), ({ type, origin }) =>
      fromHost(node.op, feeds[Number(origin.kind === 'input' ? origin.name : NaN)]!, type),
    );
    node.outputs.forEach((id, i) => this.write(id, toHost(outputs.get(String(i))!)));
  }

  #product(step: Extract<Step, { kind: 'product' }>): void {
    const { product, second, more, problem, target, beta } = step;
    const addends = problem.more?.along === 'k' ? more.map((part) => part.product) : [];
    this.#sum([product, ...addends, ...(second ? [second] : [])], target, problem, beta);
    if (problem.more?.along !== 'n') return;
    more.forEach((part, i) =>
      this.#sum([part.product, ...(part.second ? [part.second] : [])], part.target, { ...problem, ldc: problem.more!.parts[i]!.ldc }, beta),
    );
  }

  #sum(parts: readonly Product[], target: ValueId, problem: GemmProblem, beta: 0 | 1): void {
    const product = parts[0]!;
    const { m, n, batch, outputSteps, outputOffset } = product;
    const outSize = byteSize(problem.out);
    for (let outer = 0; outer < batch[0]; outer++) {
      for (let inner = 0; inner < batch[1]; inner++) {
        const start = this.address(target) + outSize * (outputOffset + outer * outputSteps[0] + inner * outputSteps[1]);
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            const place = start + outSize * (i * (problem.ldc ?? n) + j);
            const sums = parts.map((part) => part.alpha * this.#dot(part, problem.dtype, outer, inner, i, j));
            const total = sums.reduce((a, b) => a + b) + (beta ? this.#get(problem.out, place) : 0);
            if (problem.out === 'f32') this.#view.setFloat32(place, total, true);
            else this.#view.setUint16(place, halfToBits('bf16', total), true);
          }
        }
      }
    }
  }

  #sweep({ plan: { m, r }, parts }: Sweep): void {
    for (const { size, g, b, p, u, v } of parts) {
      const at = ({ base, offset, leading }: Product['a'], row: number, column: number) =>
        this.#get('bf16', this.address(base) + 2 * (offset + row * leading + column));
      const sum = (count: number, term: (l: number) => number) => Array.from({ length: count }, (_, l) => term(l)).reduce((x, y) => x + y, 0);
      for (let j = 0; j < r; j++) {
        for (let i = 0; i < m; i++) {
          const total = size.alphaU * sum(size.n, (l) => at(g, i, l) * at(b, l, j));
          this.#view.setUint16(this.address(u.target) + 2 * (u.offset + i * size.ldu + j), halfToBits('bf16', total), true);
        }
        for (let i = 0; i < size.n; i++) {
          const total = size.alphaV * sum(m, (l) => at(g, l, i) * at(p, l, j));
          this.#view.setFloat32(this.address(v.target) + 4 * (v.offset + i * r + j), total, true);
        }
      }
    }
  }

  #dot({ k, a, b, layout }: Product, dtype: DType, outer: number, inner: number, i: number, j: number): number {
    const size = byteSize(dtype);
    const start = ({ base, offset, steps }: Product['a']) => this.address(base) + size * (offset + outer * steps[0] + inner * steps[1]);
    const [atA, atB] = [start(a), start(b)];
    let sum = 0;
    for (let l = 0; l < k; l++) {
      const x = this.#get(dtype, atA + size * (layout[0] === 'n' ? i * a.leading + l : l * a.leading + i));
      sum += x * this.#get(dtype, atB + size * (layout[1] === 'n' ? l * b.leading + j : j * b.leading + l));
    }
    return sum;
  }
}
