import { elementCount, type Shape } from '../ir/shape.ts';
import type { FlatSlot } from '../nn/weight-sources.ts';

/** One tensor inside a flat state vector, and whether weight decay pulls at it. */
export interface FlatEntry extends FlatSlot {
  readonly decays: boolean;
}

/**
 * How trainable tensors lie in one flat f32 vector. Parameters, gradients and both Adam moments share it, so clipping is one
 * reduction, AdamW one elementwise pass and a checkpoint three reads.
 */
export interface FlatLayout {
  /** Elements, padded with zeros to a multiple of 4096. */
  readonly size: number;
  readonly entries: readonly FlatEntry[];
}

const BLOCK = 4096;

/** Packs tensors in the order given. */
export function flatLayout(tensors: Iterable<readonly [name: string, shape: Shape, decays?: boolean]>): FlatLayout {
  let offset = 0;
  const entries: FlatEntry[] = [];
  for (const [name, shape, decays = true] of tensors) {
    entries.push({ name, shape, offset, decays });
    offset += elementCount(shape);
  }
  return { size: Math.max(BLOCK, Math.ceil(offset / BLOCK) * BLOCK), entries };
}

/** One tensor of a flat array, as a view. */
export function flatView({ offset, shape }: FlatEntry, flat: Float32Array): Float32Array {
  return flat.subarray(offset, offset + elementCount(shape));
}
