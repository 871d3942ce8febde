/** @file A graph as steps in order over planned memory: everything about a program but its addresses. Pure. */
import { byteSize } from '../../../ir/dtype.ts';
import type { Graph, Node, ValueId } from '../../../ir/graph.ts';
import { columnKernel } from '../codegen/column-kernel.ts';
import type { EvaluatorSource } from '../codegen/evaluator.ts';
import type { GeneratedKernel } from '../codegen/generated-kernel.ts';
import { gcd } from '../codegen/index-expression.ts';
import { pointwiseKernel } from '../codegen/pointwise-kernel.ts';
import { reducedAxes, rowCount, rowKernel, type ReduceNode } from '../codegen/row-kernel.ts';
import { scatterKernel } from '../codegen/scatter-kernel.ts';
import { chooseGemm } from '../gemm-plan.ts';
import type { GemmDevice, GemmProblem } from '../gemm-tiles.ts';
import { planMemory, type MemoryPlan } from '../memory/plan.ts';
import { assignStorage, type StorageAssignment } from './storage.ts';
import { formClusters, type Cluster, type Clusters } from './clusters.ts';
import { GraphView } from './graph-view.ts';
import { countUses, prepareGraph } from './prepare.ts';
import { productCalls, type OperandChoice, type Product } from './products.ts';
import { locate } from './roots.ts';
import type { FinalStep, Step } from './steps.ts';

export interface Schedule {
  /** The prepared graph that value numbers refer to. */
  readonly graph: Graph;
  readonly steps: readonly Step[];
  readonly finals: readonly FinalStep[];
  readonly storage: StorageAssignment;
  readonly memory: MemoryPlan;
  /** Dense place of each output. */
  readonly outputs: readonly { readonly name: string; readonly value: ValueId; readonly base: ValueId; readonly offset: number }[];
  /** Each generated kernel once. */
  readonly kernels: ReadonlyMap<string, string>;
}

interface Placed {
  readonly into: ValueId;
  /** Bytes. */
  readonly offset: number;
}

/** Elements are numbered in 32 bits. */
export const MAX_ELEMENTS = 4_000_000_000;

export function scheduleGraph(graph: Graph, device: GemmDevice): Schedule {
  const prepared = prepareGraph(graph);
  const view = new GraphView(prepared);
  const clusters = formClusters(view, countUses(prepared));
  const builder = new StepBuilder(view, clusters, device);
  const ordered = builder.steps();
  const finals = builder.finals();
  const outputs = prepared.outputs.map(({ name, value }) => ({ name, value, ...builder.dense(value) }));
  const storage = assignStorage(view, ordered, finals, builder.placed, outputs.map(({ base }) => base));
  const kernels = new Map(storage.steps.flatMap((step) => (step.kind === 'kernel' ? [[step.kernel.name, step.kernel.text]] : [])));
  return { graph: prepared, steps: storage.steps, finals: storage.finals, storage, memory: planMemory(storage.blocks), outputs, kernels };
}

class StepBuilder {
  readonly #view: GraphView;
  readonly #clusters: Clusters;
  readonly #device: GemmDevice;
  /** Pieces that are written into a concatenation. */
  readonly placed: ReadonlyMap<ValueId, Placed>;
  readonly #ordered: { readonly order: number; readonly step: Step }[] = [];

  constructor(view: GraphView, clusters: Clusters, device: GemmDevice) {
    this.#view = view;
    this.#clusters = clusters;
    this.#device = device;
    this.placed = this.#place();
  }

  steps(): readonly Step[] {
    for (const cluster of this.#clusters.clusters) this.#cluster(cluster);
    for (const id of this.#clusters.single) this.#single(id);
    const { combined, assembled } = this.#clusters;
    const parts = new Map([...combined].flatMap(([target, list]) => list.map(({ matmul, alpha }, i) => [matmul, { target, alpha, beta: i === 0 ? 0 : 1 } as const])));
    for (const [order, node] of this.#view.graph.nodes.entries()) {
      const output = node.outputs[0]!;
      if (node.op === 'matmul') this.#product(node as Node<'matmul'>, order, parts.get(output) ?? { target: output, alpha: 1, beta: 0 });
      if (node.op === 'scatter') this.#scatter(node, order);
      if (assembled.has(output)) this.#assemble(node as Node<'concat'>, order);
    }
    return this.#ordered.sort((a, b) => a.order - b.order).map(({ step }) => step);
  }

  finals(): readonly FinalStep[] {
    return this.#view.graph.updates.flatMap(({ name, value }): FinalStep[] => {
      const bytes = this.#bytes(value);
      const node = this.#view.node(this.#view.unshaped(value));
      if (bytes === 0 || this.#view.stateName(value) === name) return [];
      if (node?.op === 'constant' && node.params.value === 0 && !Object.is(node.params.value, -0)) return [{ kind: 'zero', state: name, bytes }];
      const { base, offset } = this.dense(value);
      return [{ kind: 'store', state: name, from: base, fromOffset: offset, bytes }];
    });
  }

  /** Base and byte offset of a value that lies dense in memory. */
  dense(id: ValueId): { readonly base: ValueId; readonly offset: number } {
    const found = locate(this.#view, id, this.#clusters.inMemory);
    if (!found) throw new Error(`internal: %${id} is not in memory`);
    return { base: found.base, offset: found.offset * this.#elementBytes(found.base) };
  }

  #elementBytes(id: ValueId): number {
    return byteSize(this.#view.graph.values[id]!.type.dtype);
  }

  #bytes(id: ValueId): number {
    return this.#view.count(id) * this.#elementBytes(id);
  }

  /** Kernels read what is in memory, but for what the cluster itself computes. */
  #source(own: ReadonlySet<ValueId>): EvaluatorSource {
    return {
      graph: this.#view.graph,
      memory: (id) => (this.#clusters.inMemory(id) && !own.has(id) ? { alignment: this.alignment(id) } : null),
      outputAlignment: (id) => this.alignment(id),
    };
  }

  alignment(id: ValueId): number {
    const placed = this.placed.get(id);
    return placed ? gcd(gcd(16, placed.offset), this.alignment(placed.into)) : 16;
  }

  #push(order: number, step: Step): void {
    this.#ordered.push({ order, step });
  }

  #kernel(order: number, kernel: GeneratedKernel, writes: readonly ValueId[]): void {
    const own = new Set(writes);
    this.#push(order, { kind: 'kernel', kernel, writes, reads: kernel.pointers.filter((id) => !own.has(id)) });
  }

  #cluster(cluster: Cluster): void {
    const roots = [...cluster.rowRoots, ...cluster.fullRoots];
    if (roots.every((id) => this.#view.count(id) === 0)) return;
    const source = this.#source(new Set(roots));
    if (!cluster.space) return this.#kernel(cluster.order, pointwiseKernel(source, cluster.fullRoots), roots);
    const reductions = [...cluster.reductions].map(([id, level]) => ({ node: this.#view.node(id) as ReduceNode, level })).sort((a, b) => a.level - b.level);
    this.#kernel(cluster.order, rowKernel(source, { ...cluster.space, reductions, rowRoots: cluster.rowRoots, fullRoots: cluster.fullRoots }), roots);
  }

  /** A reduction by itself: along rows where the innermost axis is reduced, down columns where it is kept. */
  #single(id: ValueId): void {
    if (this.#view.count(id) === 0) return;
    const node = this.#view.node(id) as ReduceNode;
    const shape = this.#view.shape(node.inputs[0]!);
    const axes = reducedAxes(node);
    const innermost = shape.findLastIndex((size) => size !== 1);
    const source = this.#source(new Set([id]));
    const order = this.#view.order(id);
    if (innermost >= 0 && !axes.includes(innermost)) return this.#kernel(order, columnKernel(source, node), [id]);
    const rows = rowCount(shape, axes);
    const length = this.#view.count(node.inputs[0]!) / rows;
    this.#kernel(order, rowKernel(source, { rows, length, reductions: [{ node, level: 0 }], rowRoots: [id], fullRoots: [] }), [id]);
  }

  #product(node: Node<'matmul'>, order: number, { target, alpha, beta }: { readonly target: ValueId; readonly alpha: number; readonly beta: 0 | 1 }): void {
    const bytes = this.#bytes(target);
    if (bytes === 0) return;
    const [a, b] = this.#clusters.operands.get(node) as readonly [OperandChoice, OperandChoice];
    const k = a.view.shape.at(node.params.transA ? -2 : -1)!;
    if (k === 0) {
      if (beta === 0) this.#push(order, { kind: 'zero', target, bytes, reads: [], writes: [target] });
      return;
    }
    for (const product of productCalls(this.#view.graph, node, a, b)) {
      for (const part of batchesWithinGrid({ ...product, alpha: product.alpha * alpha })) this.#call(part, order, target, beta);
    }
  }

  #call(product: Product, order: number, target: ValueId, beta: 0 | 1): void {
    const dtype = this.#view.graph.values[product.a.base]!.type.dtype as 'bf16' | 'f32';
    const out = this.#view.graph.values[target]!.type.dtype as 'bf16' | 'f32';
    const step = 16 / byteSize(dtype);
    const aligned = ({ base, offset, steps }: Product['a']) => [offset, ...steps].every((x) => x % step === 0) && this.alignment(base) === 16;
    const outStep = 16 / byteSize(out);
    const problem: GemmProblem = {
      m: product.m, n: product.n, k: product.k, layout: product.layout, dtype, out,
      batch: product.batch[0] * product.batch[1], lda: product.a.leading, ldb: product.b.leading,
      operandsAligned: aligned(product.a) && aligned(product.b),
      outputAligned: [product.outputOffset, ...product.outputSteps].every((x) => x % outStep === 0) && this.alignment(target) === 16,
    };
    const reads = [...new Set([product.a.base, product.b.base, ...(beta ? [target] : [])])];
    this.#push(order, { kind: 'product', product, problem, plan: chooseGemm(problem, this.#device), target, beta, reads, writes: [target] });
  }

  #scatter(node: Node<'scatter'>, order: number): void {
    const output = node.outputs[0]!;
    const bytes = this.#bytes(output);
    if (bytes === 0) return;
    const [base, index] = node.inputs as [ValueId, ValueId];
    const from = this.dense(base);
    this.#push(order, { kind: 'copy', from: from.base, fromOffset: from.offset, to: output, toOffset: 0, bytes, reads: [from.base], writes: [output] });
    if (this.#view.count(index) === 0) return;
    const kernel = scatterKernel(this.#source(new Set([output])), node);
    this.#push(order, { kind: 'kernel', kernel, writes: [output], reads: kernel.pointers.filter((id) => id !== output) });
  }

  #place(): ReadonlyMap<ValueId, Placed> {
    const placed = new Map<ValueId, Placed>();
    const finals = new Set(this.#view.graph.updates.map(({ value }) => value));
    for (const whole of this.#clusters.assembled) {
      let offset = 0;
      for (const piece of this.#view.node(whole)!.inputs) {
        const bytes = this.#bytes(piece);
        const { base, offset: inside } = this.dense(piece);
        const free = this.#view.node(base) !== null && !placed.has(base) && !finals.has(base) && inside === 0 && this.#bytes(base) === bytes;
        if (free && base !== whole && bytes > 0) placed.set(base, { into: whole, offset });
        offset += bytes;
      }
    }
    return placed;
  }

  /** Copies the pieces that could not be written in their place. */
  #assemble(node: Node<'concat'>, order: number): void {
    const whole = node.outputs[0]!;
    let offset = 0;
    for (const piece of node.inputs) {
      const bytes = this.#bytes(piece);
      const { base, offset: inside } = this.dense(piece);
      const there = this.placed.get(base);
      if (bytes > 0 && !(there?.into === whole && there.offset === offset)) {
        this.#push(order, { kind: 'copy', from: base, fromOffset: inside, to: whole, toOffset: offset, bytes, reads: [base], writes: [whole] });
      }
      offset += bytes;
    }
  }
}

const MAX_BATCH = 65_535;

/** The grid's third dimension counts batch entries in 16 bits. */
function batchesWithinGrid(product: Product): readonly Product[] {
  const [outer, inner] = product.batch;
  if (outer * inner <= MAX_BATCH) return [product];
  const part = (first: readonly [number, number], batch: readonly [number, number]): Product => {
    const moved = (steps: readonly [number, number]) => first[0] * steps[0] + first[1] * steps[1];
    return {
      ...product,
      batch,
      a: { ...product.a, offset: product.a.offset + moved(product.a.steps) },
      b: { ...product.b, offset: product.b.offset + moved(product.b.steps) },
      outputOffset: product.outputOffset + moved(product.outputSteps),
    };
  };
  if (outer > 1) {
    const half = Math.floor(outer / 2);
    return [...batchesWithinGrid(part([0, 0], [half, inner])), ...batchesWithinGrid(part([half, 0], [outer - half, inner]))];
  }
  const half = Math.floor(inner / 2);
  return [...batchesWithinGrid(part([0, 0], [1, half])), ...batchesWithinGrid(part([0, half], [1, inner - half]))];
}
