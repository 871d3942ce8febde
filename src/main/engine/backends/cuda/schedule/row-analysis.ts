/**
 * @file Which reductions can be computed in the kernel that uses them. A value that depends on reductions over rows of one shape,
 * each element on its own row only, can share their kernel; anything else needs the reduction in memory first.
 */
import type { AnyNode, ValueId } from '../../../ir/graph.ts';
import { reducedAxes, reducesTrailing, rowCount } from '../codegen/row-kernel.ts';
import { isReduce, isReshape, traitsOf } from '../op-traits.ts';
import type { GraphView } from './graph-view.ts';

export interface RowSpace {
  readonly rows: number;
  readonly length: number;
}

export interface Dependence {
  /** null: depends on no reduction of this kernel. */
  readonly space: RowSpace | null;
  /** One element a row, or all elements. */
  readonly level: 'row' | 'full';
  /** Reductions to compute in the kernel, with the pass each belongs to. */
  readonly reductions: ReadonlyMap<ValueId, number>;
}

/** Reductions that have to lie in memory before the value can be computed. */
export class Conflict extends Error {
  readonly reductions: readonly ValueId[];

  constructor(reductions: readonly ValueId[]) {
    super('reductions of different rows meet');
    this.reductions = reductions;
  }
}

const PLAIN: Dependence = { space: null, level: 'full', reductions: new Map() };

export class RowAnalysis {
  readonly #view: GraphView;
  readonly #inMemory: (id: ValueId) => boolean;
  readonly #known = new Map<ValueId, Dependence>();

  constructor(view: GraphView, inMemory: (id: ValueId) => boolean) {
    this.#view = view;
    this.#inMemory = inMemory;
  }

  /** @throws Conflict */
  of(id: ValueId): Dependence {
    const known = this.#known.get(id);
    if (known) return known;
    const node = this.#view.node(id);
    const result = this.#inMemory(id) || !node ? PLAIN : this.#node(id, node);
    this.#known.set(id, result);
    return result;
  }

  /** As `of`, for a value that is about to be computed although it will lie in memory. */
  ofRoot(id: ValueId): Dependence {
    const node = this.#view.node(id)!;
    return this.#node(id, node);
  }

  #node(id: ValueId, node: AnyNode): Dependence {
    if (isReduce(node)) return this.#reduction(id, node);
    const inputs = node.inputs.map((input) => this.of(input));
    const dependent = inputs.map((dependence, i) => ({ dependence, id: node.inputs[i]! })).filter(({ dependence }) => dependence.space);
    if (dependent.length === 0) return PLAIN;
    const all = dependent.flatMap(({ dependence }) => [...dependence.reductions.keys()]);
    const space = dependent[0]!.dependence.space!;
    const sameSpace = dependent.every(({ dependence }) => dependence.space!.rows === space.rows && dependence.space!.length === space.length);
    if (!sameSpace) throw new Conflict(all);
    const reductions = new Map(dependent.flatMap(({ dependence }) => [...dependence.reductions]));
    if (isReshape(node)) return { space, level: dependent[0]!.dependence.level, reductions };
    if (!traitsOf(node).samePlace) throw new Conflict(all);
    const levels = dependent.map((entry) => this.#level(id, entry.id, entry.dependence, space));
    const level = levels[0];
    if (!level || levels.some((other) => other !== level)) throw new Conflict(all);
    return { space, level, reductions };
  }

  #reduction(id: ValueId, node: AnyNode): Dependence {
    const input = node.inputs[0]!;
    const shape = this.#view.shape(input);
    const axes = isReduce(node) ? reducedAxes(node) : [];
    const inner = this.of(input);
    const rows = rowCount(shape, axes);
    const length = rows === 0 ? 0 : this.#view.count(input) / rows;
    const space = { rows, length };
    const trailing = reducesTrailing(shape, axes) && !traitsOf(node).alone;
    if (!inner.space) {
      if (!trailing) throw new Conflict([id]);
      return { space, level: 'row', reductions: new Map([[id, 0]]) };
    }
    const fits = trailing && inner.level === 'full' && inner.space.rows === rows && inner.space.length === length;
    if (!fits) throw new Conflict([...inner.reductions.keys()]);
    const pass = Math.max(...inner.reductions.values()) + 1;
    return { space, level: 'row', reductions: new Map([...inner.reductions, [id, pass]]) };
  }

  /** Level of `id` as far as its input decides it; null where elements would read other rows. */
  #level(id: ValueId, input: ValueId, dependence: Dependence, space: RowSpace): 'row' | 'full' | null {
    const [shape, from] = [this.#view.shape(id), this.#view.shape(input)];
    const count = this.#view.count(id);
    const aligned = shape.map((_, axis) => from[axis - (shape.length - from.length)] ?? 1);
    const equal = aligned.every((size, axis) => size === shape[axis]);
    if (equal) return dependence.level;
    if (dependence.level === 'full' || count !== space.rows * space.length) return null;
    let product = 1;
    let axis = 0;
    for (; axis < shape.length && product < space.rows; axis++) {
      if (aligned[axis] !== shape[axis]) return null;
      product *= shape[axis]!;
    }
    return product === space.rows && aligned.slice(axis).every((size) => size === 1) ? 'full' : null;
  }
}
