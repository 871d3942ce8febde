/**
 * @file Writes the instructions that give a graph value at an index, following producers back to what lies in memory.
 * Layout ops change the index and cost nothing; elementwise ops become instructions; a value that was materialised is a load.
 */
import type { AnyNode, Graph, Node, Value, ValueId } from '../../../ir/graph.ts';
import type { CoreOp } from '../../../ir/op-types.ts';
import type { OwnKernelOp } from '../op-traits.ts';
import { byteSize } from '../../../ir/dtype.ts';
import { elementCount, type Shape } from '../../../ir/shape.ts';
import { binary, isBinary, type Binary } from './elementwise.ts';
import * as at from './index-expression.ts';
import { type Index, type IndexRoot, NeedsFewerLanes } from './index-expression.ts';
import type { KernelText } from './kernel-text.ts';
import { castRegister, literalOf, mapLanes, rounded, select, type Lanes } from './lanes.ts';
import { load, store, type Address } from './memory-access.ts';
import { drawUniform } from './random-bits.ts';
import type { ReduceKind } from './reduce-registers.ts';
import { floatFunction, isFloatFunction, type FloatFunction } from './scalar-math.ts';

/** A value that lies in memory: dense, row-major. */
export interface MemoryValue {
  /** Bytes that divide its address, a power of two up to 16. */
  readonly alignment: number;
}

export interface EvaluatorSource {
  readonly graph: Graph;
  /** What lies in memory before the kernel runs; null is computed. */
  readonly memory: (id: ValueId) => MemoryValue | null;
  /** Bytes that divide the address of a value that the kernel writes. */
  readonly outputAlignment: (id: ValueId) => number;
}

type Vector = readonly Index[];

type OtherOp = Exclude<CoreOp, FloatFunction | Binary | ReduceKind | OwnKernelOp>;

export class Evaluator {
  readonly k: KernelText;
  readonly lanes: number;
  /** Values behind the pointer parameters, in order. */
  readonly pointers: ValueId[] = [];
  /** Values read at another element than the one the thread writes. */
  readonly readElsewhere = new Set<ValueId>();
  /** Row results already in registers (reductions of the kernel), and the row they belong to. */
  readonly reduced = new Map<ValueId, string>();
  row: Index = at.zero;
  /** Row-major position of the element being written: reads at the same position allow in-place writing. */
  position: Index = at.zero;
  readonly #source: EvaluatorSource;
  #roots = 0;

  constructor(k: KernelText, lanes: number, source: EvaluatorSource) {
    this.k = k;
    this.lanes = lanes;
    this.#source = source;
  }

  type(id: ValueId): Value['type'] {
    return this.#source.graph.values[id]!.type;
  }

  /** The value at `index` (one entry an axis). Where `guard` is false nothing is read and the result means nothing. */
  value(id: ValueId, index: Vector, guard: string | null): Lanes {
    const reduced = this.reduced.get(id);
    if (reduced !== undefined) return this.#reducedRow(id, reduced, index);
    const key = `value ${id} [${index.map(at.indexKey).join(', ')}] ${guard ?? ''}`;
    const text = this.k.remember(key, () => this.#compute(id, index, guard).registers.join(' '));
    return { dtype: this.type(id).dtype, registers: text.split(' ') };
  }

  /** Same, at a row-major position. */
  valueAt(id: ValueId, flat: Index, guard: string | null): Lanes {
    return this.value(id, this.split(flat, this.type(id).shape), guard);
  }

  split(flat: Index, shape: Shape): Index[] {
    return at.split(flat, shape, (index, limit) => this.opaque(index, limit));
  }

  /** Writes a value at row-major position `flat`, lanes one after another. */
  store(id: ValueId, value: Lanes, flat: Index, guard: string | null): void {
    store(this.k, value, this.#address(id, flat), this.lanes, guard);
  }

  /** What lies at the place of an output of this kernel before it writes there. */
  readBack(id: ValueId, flat: Index, guard: string | null): Lanes {
    return load(this.k, this.type(id).dtype, this.#address(id, flat), this.lanes, guard);
  }

  /** Writes one element, whatever the lanes. */
  storeOne(id: ValueId, value: Lanes, flat: Index, guard: string | null): void {
    if (value.registers.length > 1) throw new NeedsFewerLanes();
    store(this.k, value, this.#address(id, flat), 1, guard);
  }

  pointer(id: ValueId): string {
    let slot = this.pointers.indexOf(id);
    if (slot < 0) slot = this.pointers.push(id) - 1;
    return this.k.pure('cvta.to.global.u64', 'd', this.k.pure('ld.param.u64', 'd', `[p${slot}]`));
  }

  /** A register with the index, shared by all lanes. */
  uniform(index: Index): string {
    const { register, step } = this.#register(index);
    if (step !== 0) throw new NeedsFewerLanes();
    return register;
  }

  opaque(index: Index, limit: number): IndexRoot {
    const { register, step } = this.#register(index);
    if (step !== 0) throw new NeedsFewerLanes();
    return { name: register, register, limit, lanes: false };
  }

  /** A predicate: start <= index < start + size. */
  within(index: Index, start: number, size: number): string | boolean {
    if (index.terms.length === 0) return index.constant >= start && index.constant < start + size;
    const moved = at.offsetIndex(index, -start);
    const plans = at.planTerms(moved, this.lanes);
    const step = plans.reduce((sum, plan) => sum + (plan.lanes ? plan.coefficient : 0), 0);
    const aligned = at.knownDivisor(plans, moved.constant, this.lanes) % this.lanes === 0 && size % this.lanes === 0;
    if (step !== 0 && !(step === 1 && aligned)) throw new NeedsFewerLanes();
    return this.k.pure('setp.lt.u32', 'p', this.#register(moved).register, String(size));
  }

  both(a: string | null, b: string | null): string | null {
    return a === null ? b : b === null || a === b ? a : this.k.pure('and.pred', 'p', a, b);
  }

  #compute(id: ValueId, index: Vector, guard: string | null): Lanes {
    const memory = this.#source.memory(id);
    if (memory) return this.#load(id, index, guard);
    const { origin } = this.#source.graph.values[id]!;
    if (origin.kind !== 'node') throw new Error(`internal: ${origin.kind} ${origin.name} is not in memory`);
    return this.#node(this.#source.graph.nodes[origin.node]!, index, guard);
  }

  #reducedRow(id: ValueId, register: string, index: Vector): Lanes {
    const { dtype, shape } = this.type(id);
    if (!at.sameIndex(at.flatten(index, shape), this.row)) throw new Error(`internal: reduction %${id} read at another row`);
    return { dtype, registers: [register] };
  }

  #load(id: ValueId, index: Vector, guard: string | null): Lanes {
    const { dtype, shape } = this.type(id);
    const flat = at.flatten(index, shape);
    if (!at.sameIndex(flat, this.position)) this.readElsewhere.add(id);
    return load(this.k, dtype, this.#address(id, flat), this.lanes, guard);
  }

  #address(id: ValueId, flat: Index): Address {
    const { dtype } = this.type(id);
    const alignment = this.#source.memory(id)?.alignment ?? this.#source.outputAlignment(id);
    const size = byteSize(dtype);
    const { register, step, divisor } = this.#register(flat);
    const base = this.pointer(id);
    const target = this.k.pure('mad.wide.u32', 'd', register, String(size), base);
    return { register: target, step, alignment: at.gcd(divisor * size, alignment) };
  }

  /** Lane 0's value in a register, what each next lane adds, and a divisor of lane 0's value. */
  #register(index: Index): { register: string; step: number; divisor: number } {
    const { k } = this;
    const plans = at.planTerms(index, this.lanes);
    let sum: string | null = null;
    for (const { root, div, mod, coefficient } of plans) {
      let part = root.register;
      if (div > 1) part = k.pure('div.u32', 'r', part, String(div));
      if (mod > 0) part = k.pure('rem.u32', 'r', part, String(mod));
      if (sum !== null) sum = coefficient === 1 ? k.pure('add.s32', 'r', part, sum) : k.pure('mad.lo.s32', 'r', part, String(coefficient), sum);
      else sum = coefficient === 1 ? part : k.pure('mul.lo.s32', 'r', part, String(coefficient));
    }
    if (sum === null) sum = k.pure('mov.b32', 'r', String(index.constant));
    else if (index.constant !== 0) sum = k.pure('add.s32', 'r', sum, String(index.constant));
    const step = plans.reduce((total, plan) => total + (plan.lanes ? plan.coefficient : 0), 0);
    return { register: sum, step, divisor: at.knownDivisor(plans, index.constant, this.lanes) };
  }

  #node(node: AnyNode, index: Vector, guard: string | null): Lanes {
    const { k } = this;
    const { op, inputs } = node;
    const { dtype } = this.type(node.outputs[0]!);
    const read = (input: number) => this.#read(inputs[input]!, index, guard);
    if (isFloatFunction(op)) return mapLanes(dtype, [read(0)], (x) => rounded(k, dtype, floatFunction(k, op, x)));
    if (isBinary(op)) return binary(k, op, dtype, read(0), read(1));
    const write = this.#others[op as OtherOp] as ((node: AnyNode, index: Vector, guard: string | null) => Lanes) | undefined;
    if (!write) throw new Error(`internal: ${op} can not be written into a generated kernel`);
    return write(node, index, guard);
  }

  /** Every op that is neither a float function nor one of two inputs, unless kernels of another kind compute it. */
  readonly #others: { readonly [K in OtherOp]: (node: Node<K>, index: Vector, guard: string | null) => Lanes } = {
    not: ({ inputs: [x] }, index, guard) => mapLanes('bool', [this.#read(x!, index, guard)], (a) => this.k.pure('not.pred', 'p', a)),
    cast: ({ inputs: [x], params: { dtype } }, index, guard) =>
      mapLanes(dtype, [this.#read(x!, index, guard)], (a) => castRegister(this.k, this.type(x!).dtype, dtype, a)),
    where: ({ inputs, outputs }, index, guard) => {
      const { dtype } = this.type(outputs[0]!);
      return mapLanes(
        dtype,
        inputs.map((id) => this.#read(id, index, guard)),
        (condition, a, b) => select(this.k, dtype, condition!, a!, b!),
      );
    },
    after: ({ inputs: [x] }, index, guard) => this.#read(x!, index, guard),
    constant: ({ params: { dtype, value } }) => ({ dtype, registers: [literalOf(this.k, dtype, value)] }),
    iota: ({ params: { axis } }, index) => this.#counted(index[axis]!),
    random: ({ inputs: [key], params: { shape, stream } }, index) => {
      const seed = [0, 1].map((part) => this.value(key!, [at.constantIndex(part)], null).registers[0]!);
      return mapLanes('f32', [this.#counted(at.flatten(index, shape))], (counter) => drawUniform(this.k, seed[0]!, seed[1]!, counter, stream));
    },
    reshape: ({ inputs: [x], params: { shape } }, index, guard) =>
      this.value(
        x!,
        at.regroup(index, shape, this.type(x!).shape, (part, limit) => this.opaque(part, limit)),
        guard,
      ),
    transpose: ({ inputs: [x], params: { perm } }, index, guard) => {
      const moved = Array.from<Index>({ length: index.length });
      perm.forEach((axis, i) => (moved[axis] = index[i]!));
      return this.value(x!, moved, guard);
    },
    broadcast: ({ inputs: [x] }, index, guard) => this.#read(x!, index, guard),
    slice: ({ inputs: [x], params: { starts } }, index, guard) =>
      this.value(
        x!,
        index.map((part, axis) => at.offsetIndex(part, starts[axis]!)),
        guard,
      ),
    pad: (node, index, guard) => this.#pad(node, index, guard),
    concat: (node, index, guard) => this.#concat(node, index, guard),
    gather: (node, index, guard) => this.#gather(node, index, guard),
  };

  /** An input at the place of the result, as NumPy broadcasting reads it. */
  #read(id: ValueId, index: Vector, guard: string | null): Lanes {
    return this.value(id, this.#broadcast(id, index), guard);
  }

  /** The index of an input that NumPy broadcasting stretched to this shape. */
  #broadcast(id: ValueId, index: Vector): Vector {
    const { shape } = this.type(id);
    const lead = index.length - shape.length;
    return shape.map((size, axis) => (size === 1 ? at.zero : index[lead + axis]!));
  }

  /** i32 of an index, lane by lane. */
  #counted(index: Index): Lanes {
    const { register, step } = this.#register(index);
    if (step === 0) return { dtype: 'i32', registers: [register] };
    const registers = Array.from({ length: this.lanes }, (_, l) => (l === 0 ? register : this.k.pure('add.s32', 'r', register, String(l * step))));
    return { dtype: 'i32', registers };
  }

  #pad(node: Node<'pad'>, index: Vector, guard: string | null): Lanes {
    const { dtype, shape } = this.type(node.inputs[0]!);
    let inside: string | null = null;
    const moved = index.map((part, axis) => at.offsetIndex(part, -node.params.before[axis]!));
    for (const [axis, size] of shape.entries()) {
      if (node.params.before[axis] === 0 && node.params.after[axis] === 0) continue;
      const found = this.within(index[axis]!, node.params.before[axis]!, size);
      if (found === false) return { dtype, registers: [literalOf(this.k, dtype, 0)] };
      if (typeof found === 'string') inside = this.both(inside, found);
    }
    const value = this.value(node.inputs[0]!, moved, this.both(guard, inside));
    if (inside === null) return value;
    const nothing = literalOf(this.k, dtype, 0);
    return mapLanes(dtype, [value], (x) => select(this.k, dtype, inside, x, nothing));
  }

  #concat(node: Node<'concat'>, index: Vector, guard: string | null): Lanes {
    const { axis } = node.params;
    const { dtype } = this.type(node.outputs[0]!);
    let start = 0;
    let result: Lanes | null = null;
    for (const id of node.inputs) {
      const size = this.type(id).shape[axis]!;
      if (size === 0) continue;
      const found = this.within(index[axis]!, start, size);
      const moved = index.with(axis, at.offsetIndex(index[axis]!, -start));
      start += size;
      if (found === false) continue;
      const condition = found === true ? null : found;
      const value = this.value(id, moved, this.both(guard, condition));
      result =
        result === null || condition === null ? value : mapLanes(dtype, [value, result], (x, rest) => select(this.k, dtype, condition, x!, rest!));
    }
    return result ?? { dtype, registers: [literalOf(this.k, dtype, 0)] };
  }

  /** A row number out of range is undefined behaviour in a graph; here it reads the last row, so that no kernel faults. */
  #gather(node: AnyNode, index: Vector, guard: string | null): Lanes {
    const [table, rows] = node.inputs as [ValueId, ValueId];
    const limit = this.type(table).shape[0]!;
    const rank = this.type(rows).shape.length;
    const found = this.value(rows, index.slice(0, rank), guard);
    if (found.registers.length > 1) throw new NeedsFewerLanes();
    const register = this.k.pure('min.u32', 'r', found.registers[0]!, String(Math.max(0, limit - 1)));
    const row = at.rootIndex({ name: `row ${++this.#roots}:${register}`, register, limit, lanes: false });
    return this.value(table, [limit === 1 ? at.zero : row, ...index.slice(rank)], guard);
  }
}

export function countOf(graph: Graph, id: ValueId): number {
  return elementCount(graph.values[id]!.type.shape);
}
