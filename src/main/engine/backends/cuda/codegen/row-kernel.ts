/**
 * @file Reductions over rows, and what is computed from their results on the same rows: softmax, norms, cross-entropy in one
 * kernel. A row belongs to part of a warp, a warp or a block. Rows that fit stay in registers from pass to pass, because the
 * evaluator remembers what it has read; longer rows are walked again in each pass.
 */
import type { ValueId } from '../../../ir/graph.ts';
import { elementCount } from '../../../ir/shape.ts';
import { isArgmax, type ReduceNode } from '../op-traits.ts';
import type { Evaluator, EvaluatorSource } from './evaluator.ts';
import { generate, widestLanes, type GeneratedKernel, type Written } from './generated-kernel.ts';
import { addIndex, rootIndex, scaleIndex, type Index } from './index-expression.ts';
import { lane, literalOf, rounded, type Lanes } from './lanes.ts';
import { accumulate, acrossWarp, acrossWarps, combine, empty, identityOf, type Partial, type ReduceKind } from './reduce-registers.ts';

export interface RowPlan {
  readonly rows: number;
  /** Elements a row. */
  readonly length: number;
  /** In an order in which each is computed after those it depends on; equal `level` can share a pass. */
  readonly reductions: readonly { readonly node: ReduceNode; readonly level: number }[];
  /** Values written with one element a row. */
  readonly rowRoots: readonly ValueId[];
  /** Values written with all elements. */
  readonly fullRoots: readonly ValueId[];
}

/** Elements a thread keeps in registers. */
const KEPT = 32;
/** Vectors a thread reads at once where a loop walks the row: one at a time would leave memory waiting for arithmetic. */
const MOST_AT_ONCE = 4;
const BLOCK = 256;

export function reducedAxes(node: ReduceNode): readonly number[] {
  return isArgmax(node) ? [node.params.axis] : node.params.axes;
}

/** What a thread visits in one go, read where `guard` is true. */
interface Vector {
  readonly element: Index;
  readonly guard: string | null;
}

interface Shape {
  /** Threads a row. */
  readonly threads: number;
  readonly rowsPerBlock: number;
  /** Vectors a thread; 0 where a loop walks the row. */
  readonly chunks: number;
}

function chooseShape(length: number, lanes: number): Shape {
  const vectors = Math.ceil(length / lanes);
  let threads = 1;
  while (threads < 32 && threads < vectors) threads *= 2;
  while (threads >= 32 && threads < 512 && length > threads * KEPT) threads *= 2;
  const chunks = Math.ceil(vectors / threads);
  const fits = chunks * lanes <= KEPT;
  const rowThreads = fits ? threads : 1024;
  return { threads: rowThreads, rowsPerBlock: rowThreads > 32 ? 1 : BLOCK / rowThreads, chunks: fits ? chunks : 0 };
}

export function rowKernel(source: EvaluatorSource, plan: RowPlan): GeneratedKernel {
  const shaped = [...plan.fullRoots, ...plan.reductions.map(({ node }) => node.inputs[0]!)];
  const widest = widestLanes(source, shaped, Math.max(1, plan.length));
  return generate('row', source, widest, (e) => new RowWriter(e, plan).write());
}

class RowWriter {
  readonly #e: Evaluator;
  readonly #plan: RowPlan;
  readonly #shape: Shape;
  /** Index of the row, and whether it exists. */
  readonly #row: Index;
  readonly #rowExists: string | null;
  /** This thread's place among those that share the row. */
  readonly #place: string;

  constructor(e: Evaluator, plan: RowPlan) {
    const { k } = e;
    this.#e = e;
    this.#plan = plan;
    const shape = chooseShape(plan.length, e.lanes);
    this.#shape = shape;
    const tid = k.pure('mov.u32', 'r', '%tid.x');
    const block = k.pure('mov.u32', 'r', '%ctaid.x');
    const many = shape.rowsPerBlock > 1;
    const inBlock = many ? k.pure('shr.u32', 'r', tid, String(Math.log2(shape.threads))) : null;
    const register = inBlock ? k.pure('mad.lo.s32', 'r', block, String(shape.rowsPerBlock), inBlock) : block;
    this.#place = many ? k.pure('and.b32', 'r', tid, String(shape.threads - 1)) : tid;
    this.#rowExists = plan.rows % shape.rowsPerBlock === 0 ? null : k.pure('setp.lt.u32', 'p', register, String(plan.rows));
    this.#row = rootIndex({ name: 'row', register, limit: plan.rows, lanes: false });
    e.row = this.#row;
  }

  write(): Written {
    const { reductions, rowRoots, fullRoots } = this.#plan;
    const levels = [...new Set(reductions.map(({ level }) => level))].sort((a, b) => a - b);
    for (const level of levels) this.#pass(reductions.filter((entry) => entry.level === level).map(({ node }) => node));
    this.#writeRow(rowRoots);
    if (fullRoots.length > 0) this.#walk((vectors) => this.#writeElements(vectors));
    const { threads, rowsPerBlock } = this.#shape;
    return { grid: [Math.ceil(this.#plan.rows / rowsPerBlock), 1, 1], threads: threads * rowsPerBlock };
  }

  /** Visits this thread's vectors of the row: unrolled where they stay in registers, else in a loop, several at once. */
  #walk(visit: (vectors: readonly Vector[]) => void): void {
    const { k, lanes } = this.#e;
    const { threads, chunks } = this.#shape;
    const { length } = this.#plan;
    if (length === 0) return;
    const start = lanes === 1 ? this.#place : k.pure('mul.lo.s32', 'r', this.#place, String(lanes));
    const step = threads * lanes;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const register = chunk === 0 ? start : k.pure('add.s32', 'r', start, String(chunk * step));
      const inside = (chunk + 1) * step <= length ? null : k.pure('setp.lt.u32', 'p', register, String(length));
      const element = rootIndex({ name: register, register, limit: length, lanes: true });
      visit([{ element, guard: this.#e.both(this.#rowExists, inside) }]);
    }
    if (chunks > 0) return;
    const counter = k.register('r');
    const [loop, end] = [k.label(), k.label()];
    k.emit(`mov.b32 ${counter}, ${start};`);
    k.place(loop);
    const done = k.register('p');
    k.emit(`setp.ge.u32 ${done}, ${counter}, ${length};`);
    k.emit(`@${done} bra ${end};`);
    const together = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(KEPT / lanes)));
    k.scope(() => visit(Array.from({ length: together }, (_, i) => this.#ahead(counter, i * step))));
    k.emit(`add.s32 ${counter}, ${counter}, ${together * step};`);
    k.emit(`bra ${loop};`);
    k.place(end);
  }

  /** The vector `offset` elements after the one that the loop stands at, which is inside. */
  #ahead(counter: string, offset: number): Vector {
    const { k } = this.#e;
    const { length } = this.#plan;
    const register = offset === 0 ? counter : k.pure('add.s32', 'r', counter, String(offset));
    const inside = offset === 0 ? null : k.pure('setp.lt.u32', 'p', register, String(length));
    return { element: rootIndex({ name: register, register, limit: length, lanes: true }), guard: this.#e.both(this.#rowExists, inside) };
  }

  /** All reductions that can be taken in one walk over the row. */
  #pass(nodes: readonly ReduceNode[]): void {
    const { k, lanes } = this.#e;
    const looped = this.#shape.chunks === 0;
    const running = nodes.map((node) => Array.from({ length: lanes }, () => empty(k, node.op)));
    this.#walk((vectors) => {
      nodes.forEach((node, n) => {
        const values = vectors.map(({ element, guard }) => {
          this.#e.position = this.#positionOf(element);
          return this.#guarded(node, this.#e.value(node.inputs[0]!, this.#inputIndex(node, element), guard), guard);
        });
        values.forEach((value, v) => {
          for (let l = 0; l < lanes; l++) {
            const next: Partial = { value: lane(value, l), index: isArgmax(node) ? this.#lanePosition(vectors[v]!.element, l) : null };
            if (looped) accumulate(k, node.op, running[n]![l]!, next);
            else running[n]![l] = combine(k, node.op, running[n]![l]!, next);
          }
        });
      });
    });
    nodes.forEach((node, n) => this.#finish(node, running[n]!));
  }

  #lanePosition(element: Index, l: number): string {
    const { k } = this.#e;
    const register = element.terms.length === 0 ? k.pure('mov.b32', 'r', '0') : element.terms[0]!.root.register;
    return l === 0 ? register : k.pure('add.s32', 'r', register, String(l));
  }

  /** What lies outside the row must not count. */
  #guarded(node: ReduceNode, value: Lanes, guard: string | null): Lanes {
    if (guard === null) return value;
    const { k } = this.#e;
    const nothing = literalOf(k, 'f32', identityOf(node.op));
    return { dtype: value.dtype, registers: value.registers.map((x) => k.pure('selp.f32', 'f', x, nothing, guard)) };
  }

  #finish(node: ReduceNode, lanes: readonly Partial[]): void {
    const { k } = this.#e;
    const kind: ReduceKind = node.op;
    const { threads } = this.#shape;
    let part = lanes.slice(1).reduce((a, b) => combine(k, kind, a, b), lanes[0]!);
    part = acrossWarp(k, kind, part, Math.min(32, threads));
    if (threads > 32) part = acrossWarps(k, kind, part, threads / 32);
    const id = node.outputs[0]!;
    this.#e.reduced.set(id, part.index ?? rounded(k, this.#e.type(id).dtype, part.value));
  }

  /** Index of a reduction's input: kept axes from the row, reduced axes from the place in the row. */
  #inputIndex(node: ReduceNode, element: Index): readonly Index[] {
    const { shape } = this.#e.type(node.inputs[0]!);
    const axes = reducedAxes(node);
    const of = (wanted: boolean) => shape.filter((_, axis) => axes.includes(axis) === wanted);
    const kept = this.#e.split(this.#row, of(false));
    const reduced = this.#e.split(element, of(true));
    return shape.map((_, axis) => (axes.includes(axis) ? reduced.shift()! : kept.shift()!));
  }

  /** One thread a row reads and writes, all reads first: an output may lie where an input dies. */
  #writeRow(ids: readonly ValueId[]): void {
    const { k } = this.#e;
    const first = k.pure('setp.eq.s32', 'p', this.#place, '0');
    const guard = this.#e.both(first, this.#rowExists);
    this.#e.position = this.#row;
    const values = ids.map((id) => this.#e.value(id, this.#e.split(this.#row, this.#e.type(id).shape), guard));
    ids.forEach((id, i) => this.#e.storeOne(id, values[i]!, this.#row, guard));
  }

  #positionOf(element: Index): Index {
    return addIndex(scaleIndex(this.#row, this.#plan.length), element);
  }

  /** All reads first: an output may lie where an input dies, and no read then waits for a write. */
  #writeElements(vectors: readonly Vector[]): void {
    const { fullRoots } = this.#plan;
    const computed = vectors.map(({ element, guard }) => {
      const position = (this.#e.position = this.#positionOf(element));
      return { position, guard, values: fullRoots.map((id) => this.#e.valueAt(id, position, guard)) };
    });
    for (const { position, guard, values } of computed) fullRoots.forEach((id, i) => this.#e.store(id, values[i]!, position, guard));
  }
}

/** Whether the reduced axes come last, so that a row is contiguous in the input's own order. */
export function reducesTrailing(shape: readonly number[], axes: readonly number[]): boolean {
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis) && shape[axis] !== 1);
  return kept.every((axis) => axes.every((other) => shape[other] === 1 || other > axis));
}

export function rowCount(shape: readonly number[], axes: readonly number[]): number {
  return elementCount(shape.filter((_, axis) => !axes.includes(axis)));
}
