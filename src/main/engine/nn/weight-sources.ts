/** @file The bases of a model: what a checkpoint's name stands for before any adapter. A further one (quantised blocks) is a further function. */
import type { Value } from '../ir/graph.ts';
import { elementCount, type Shape } from '../ir/shape.ts';
import type { GraphBuilder } from '../ops/builder.ts';

/** Gives the tensor of that name, in the dtype that the model computes in. */
export type WeightSource = (name: string, shape: Shape) => Value;

/** Where a tensor lies in the flat trainable vector, in elements. */
export interface FlatSlot {
  readonly name: string;
  readonly shape: Shape;
  readonly offset: number;
}

/** One tensor of the flat trainable vector, still f32. */
export function flatSlice(b: GraphBuilder, flat: Value, { offset, shape }: FlatSlot): Value {
  return b.reshape(b.slice(flat, [offset], [elementCount(shape)]), shape);
}

/** Every weight is a state of the checkpoint's own name: the base model as it is. */
export function frozenWeights(b: GraphBuilder, dtype: 'f32' | 'bf16'): WeightSource {
  return (name, shape) => b.state(name, { dtype, shape });
}

/**
 * Weights that are slices of the flat trainable vector: f32 masters, cast to the compute dtype.
 * @param leaf the f32 slice by name, what gradients are taken by; undefined where the vector does not hold it
 * @param rest what stands behind all other names
 */
export function trainedWeights(b: GraphBuilder, dtype: 'f32' | 'bf16', leaf: (name: string) => Value | undefined, rest: WeightSource): WeightSource {
  const known = new Map<string, Value>();
  return (name, shape) => {
    const found = known.get(name);
    if (found) return found;
    const master = leaf(name);
    const value = master === undefined ? rest(name, shape) : b.cast(master, dtype);
    known.set(name, value);
    return value;
  };
}

/** For programs in which every weight must be one of the trainable vector. */
export const noWeights: WeightSource = (name) => {
  throw new Error(`internal: ${name} is not in the trainable layout`);
};
