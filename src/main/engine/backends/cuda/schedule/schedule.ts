/** @file A graph as steps in order over planned memory: everything about a program but its addresses. Pure. */
import { AppError } from '../../../../../shared/lib/app-error.ts';
import { byteSize } from '../../../ir/dtype.ts';
import { formatType, type AnyNode, type Graph, type Node, type ValueId } from '../../../ir/graph.ts';
import { elementCount } from '../../../ir/shape.ts';
import { columnKernel } from '../codegen/column-kernel.ts';
import type { EvaluatorSource } from '../codegen/evaluator.ts';
import type { GeneratedKernel } from '../codegen/generated-kernel.ts';
import { gcd } from '../codegen/index-expression.ts';
import { pointwiseKernel } from '../codegen/pointwise-kernel.ts';
import { reducedAxes, rowCount, rowKernel } from '../codegen/row-kernel.ts';
import { scatterKernel } from '../codegen/scatter-kernel.ts';
import { chooseGemm } from '../gemm-plan.ts';
import { takesHopper, takesSecond, type GemmDevice, type GemmProblem } from '../gemm-tiles.ts';
import { planMemory, type MemoryPlan } from '../memory/plan.ts';
import { isConcat, isConstant, isProduct, isScatter, type ReduceNode } from '../op-traits.ts';
import { alignmentOf, planCall } from '../written-kernels.ts';
import { assignStorage, type StorageAssignment } from './storage.ts';
import { formClusters, type Cluster, type Clusters } from './clusters.ts';
import { GraphView } from './graph-view.ts';
import { countUses, prepareGraph } from './prepare.ts';
import { batchesWithinGrid, joinAddends, pairShortProducts, secondOf, type ProductCall } from './product-calls.ts';
import { productCalls, type OperandChoice, type Product } from './products.ts';
import { locate, type ColumnPlace, type Part } from './roots.ts';
import { joinReaders } from './readers.ts';
import type { FinalStep, Step } from './steps.ts';
import { joinSweeps } from './sweeps.ts';

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

/** Generated kernels number elements in 32 bits, with room for the last block. */
const MAX_ELEMENTS = 4_000_000_000;

/** @throws AppError `CUDA-TENSOR-SIZE` for a tensor of more than four billion elements */
export function scheduleGraph(graph: Graph, device: GemmDevice): Schedule {
  const prepared = prepareGraph(graph);
  const huge = prepared.values.find(({ type }) => elementCount(type.shape) > MAX_ELEMENTS);
  if (huge) {
    throw new AppError({
      code: 'CUDA-TENSOR-SIZE',
      message: `Program "${graph.name}" has a tensor ${formatType(huge.type)}: more than ${MAX_ELEMENTS} elements.`,
      remedy: 'Choose a smaller batch, length or logit chunk.',
    });
  }
  const view = new GraphView(prepared);
  const clusters = formClusters(view, countUses(prepared));
  const builder = new StepBuilder(view, clusters, device);
  const ordered = builder.steps();
  const finals = builder.finals();
  const outputs = prepared.outputs.map(({ name, value }) => ({ name, value, ...builder.dense(value) }));
  const storage = assignStorage(
    view,
    ordered,
    finals,
    builder.placed,
    outputs.map(({ base }) => base),
  );
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
    const parts = new Set([...combined.values()].flat().map(({ matmul }) => matmul));
    for (const [target, list] of combined) this.#products(target, list);
    for (const [order, node] of this.#view.graph.nodes.entries()) {
      const output = node.outputs[0]!;
      if (isProduct(node) && !parts.has(output)) this.#products(output, [{ matmul: output, alpha: 1 }]);
      if (isScatter(node)) this.#scatter(node, order);
      if (alignmentOf(node) !== null) this.#call(node, order);
      if (isConcat(node) && assembled.has(output)) this.#assemble(node, order);
    }
    const ordered = this.#ordered.sort((a, b) => a.order - b.order);
    return joinSweeps(joinReaders(ordered, this.#device), this.#device).map(({ step }) => step);
  }

  finals(): readonly FinalStep[] {
    return this.#view.graph.updates.flatMap(({ name, value }): FinalStep[] => {
      const bytes = this.#bytes(value);
      const node = this.#view.node(this.#view.unshaped(value));
      if (bytes === 0 || this.#view.stateName(value) === name) return [];
      if (isConstant(node) && node.params.value === 0 && !Object.is(node.params.value, -0)) return [{ kind: 'zero', state: name, bytes }];
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
    const reductions = [...cluster.reductions]
      .map(([id, level]) => ({ node: this.#view.node(id) as ReduceNode, level }))
      .sort((a, b) => a.level - b.level);
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

  /** The GEMM calls that write `target`: the first sets it, the others add to it. */
  #products(sum: ValueId, parts: readonly Part[]): void {
    const bytes = this.#bytes(sum);
    if (bytes === 0) return;
    const place = this.#clusters.columns.get(sum);
    const target = place?.into ?? sum;
    const calls = pairShortProducts(
      joinAddends(
        parts.flatMap((part) => this.#calls(part, target, place)),
        (problem) => this.#device.wgmma !== undefined && this.#device.wgmma !== false && takesHopper(problem),
      ),
      (problem, second) => this.#aligned(second) && takesSecond(problem, secondOf(second)),
    );
    if (calls.length === 0) {
      const order = this.#view.order(parts[0]!.matmul);
      return this.#push(order, { kind: 'zero', target, bytes, reads: [], writes: [target] });
    }
    const first = calls[0]!.matmul;
    for (const { order, matmul, product, problem, second, more } of calls) {
      const beta = matmul === first ? 0 : 1;
      const whole: GemmProblem = second ? { ...problem, second: secondOf(second) } : problem;
      const operands = [...[product, ...(second ? [second] : []), ...more].flatMap(({ a, b }) => [a.base, b.base]), ...(beta ? [target] : [])];
      const plan = chooseGemm(whole, this.#device);
      this.#push(order, {
        kind: 'product',
        product,
        second,
        more: more.map((addend) => ({ product: addend, second: null, target })),
        problem: whole,
        plan,
        target,
        beta,
        reads: [...new Set(operands)],
        writes: [target],
      });
    }
  }

  #calls({ matmul, alpha }: Part, target: ValueId, place: ColumnPlace | undefined): readonly ProductCall[] {
    const node = this.#view.node(matmul) as Node<'matmul'>;
    const [a, b] = this.#clusters.operands.get(node) as readonly [OperandChoice, OperandChoice];
    if (a.view.shape.at(node.params.transA ? -2 : -1) === 0) return [];
    const order = this.#view.order(matmul);
    return productCalls(this.#view.graph, node, a, b)
      .flatMap((product) =>
        batchesWithinGrid({ ...product, alpha: product.alpha * alpha, outputOffset: product.outputOffset + (place?.offset ?? 0) }),
      )
      .map((product) => ({
        order,
        matmul,
        product,
        problem: { ...this.#problem(product, target), ...(place ? { ldc: place.leading } : {}) },
        second: null,
        more: [],
      }));
  }

  #aligned({ a, b }: Product): boolean {
    const step = 16 / this.#elementBytes(a.base);
    return [a, b].every(({ base, offset, steps }) => [offset, ...steps].every((x) => x % step === 0) && this.alignment(base) === 16);
  }

  #problem(product: Product, target: ValueId): GemmProblem {
    const out = this.#view.graph.values[target]!.type.dtype as 'bf16' | 'f32';
    const step = 16 / byteSize(out);
    return {
      m: product.m,
      n: product.n,
      k: product.k,
      layout: product.layout,
      out,
      dtype: this.#view.graph.values[product.a.base]!.type.dtype as 'bf16' | 'f32',
      batch: product.batch[0] * product.batch[1],
      lda: product.a.leading,
      ldb: product.b.leading,
      operandsAligned: this.#aligned(product),
      outputAligned: [product.outputOffset, ...product.outputSteps].every((x) => x % step === 0) && this.alignment(target) === 16,
    };
  }

  #scatter(node: Node<'scatter'>, order: number): void {
    const output = node.outputs[0]!;
    const bytes = this.#bytes(output);
    if (bytes === 0) return;
    const [base, index] = node.inputs as [ValueId, ValueId];
    const from = this.dense(base);
    this.#push(order, {
      kind: 'copy',
      from: from.base,
      fromOffset: from.offset,
      to: output,
      toOffset: 0,
      bytes,
      reads: [from.base],
      writes: [output],
    });
    if (this.#view.count(index) === 0) return;
    const kernel = scatterKernel(this.#source(new Set([output])), node);
    this.#push(order, { kind: 'kernel', kernel, writes: [output], reads: kernel.pointers.filter((id) => id !== output) });
  }

  #call(node: AnyNode, order: number): void {
    const inputs = node.inputs.map((id) => this.dense(id));
    const outputs = node.outputs.map((base) => ({ base, offset: 0 }));
    const reads = [...new Set(inputs.map(({ base }) => base))];
    this.#push(order, {
      kind: 'call',
      call: planCall(this.#view.graph, node),
      computes: { kind: 'node', node },
      inputs,
      outputs,
      reads,
      writes: node.outputs,
    });
  }

  #place(): ReadonlyMap<ValueId, Placed> {
    const placed = new Map<ValueId, Placed>();
    const finals = new Set(this.#view.graph.updates.map(({ value }) => value));
    // A piece lies where its concatenation has it, which need not suit a written kernel.
    const aligned = new Set(
      this.#view.graph.nodes
        .filter((node) => alignmentOf(node) !== null)
        .flatMap((node) => [...node.inputs.map((id) => this.dense(id).base), ...node.outputs]),
    );
    for (const whole of this.#clusters.assembled) {
      let offset = 0;
      for (const piece of this.#view.node(whole)!.inputs) {
        const bytes = this.#bytes(piece);
        const { base, offset: inside } = this.dense(piece);
        const free = this.#view.node(base) !== null && !placed.has(base) && !finals.has(base) && inside === 0 && this.#bytes(base) === bytes;
        if (free && base !== whole && bytes > 0 && !aligned.has(base)) placed.set(base, { into: whole, offset });
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
