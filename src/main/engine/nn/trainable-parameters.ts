import type { Value } from '../ir/graph.ts';
import { elementCount, type Shape } from '../ir/shape.ts';
import type { GraphBuilder } from '../ops/builder.ts';
import type { LinearSpec, Parameters } from './parameters.ts';

/** Where a tensor lies in the flat trainable vector, in elements. */
export interface FlatEntry {
  readonly name: string;
  readonly shape: Shape;
  readonly offset: number;
}

/** One tensor of the flat trainable vector, still f32. */
export function flatSlice(b: GraphBuilder, flat: Value, entry: FlatEntry): Value {
  return b.reshape(b.slice(flat, [entry.offset], [elementCount(entry.shape)]), entry.shape);
}

/**
 * Every weight is a slice of the flat trainable vector (full training): f32 masters, cast to the compute dtype.
 * `leaves` collects the f32 slices by name: what gradients are taken by.
 */
export class TrainableParameters implements Parameters {
  readonly dtype: 'f32' | 'bf16';
  readonly leaves = new Map<string, Value>();
  readonly #b: GraphBuilder;
  readonly #flat: Value;
  readonly #entries: ReadonlyMap<string, FlatEntry>;
  readonly #cast = new Map<string, Value>();

  constructor(b: GraphBuilder, dtype: 'f32' | 'bf16', flat: Value, entries: readonly FlatEntry[]) {
    this.#b = b;
    this.dtype = dtype;
    this.#flat = flat;
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  weight(name: string, _shape: Shape): Value {
    const known = this.#cast.get(name);
    if (known) return known;
    const entry = this.#entries.get(name);
    if (!entry) throw new Error(`internal: ${name} is not in the trainable layout`);
    const leaf = flatSlice(this.#b, this.#flat, entry);
    this.leaves.set(name, leaf);
    const value = this.#b.cast(leaf, this.dtype);
    this.#cast.set(name, value);
    return value;
  }

  linear(x: Value, spec: LinearSpec): Value {
    const bias = spec.bias ? this.weight(`${spec.path}.bias`, [spec.out]) : null;
    return this.#b.linear(x, this.weight(`${spec.path}.weight`, [spec.out, spec.in]), { bias }).y;
  }
}
