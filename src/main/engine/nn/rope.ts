import type { Value } from '../ir/graph.ts';
import type { GraphBuilder } from '../ops/builder.ts';

export interface RopeTables {
  /** f32 [B, T, headDim / 2] */
  readonly cos: Value;
  readonly sin: Value;
}

/** Name of the constant state that holds the inverse frequencies, f32 [headDim / 2]. */
export const INVERSE_FREQUENCIES = 'rope.inverseFrequencies';

/**
 * Angles position * inverse frequency in f32 (spec section 7).
 * @param positions i32 [B, T] @param amplitude what cosines and sines are multiplied with
 */
export function ropeTables(b: GraphBuilder, positions: Value, headDim: number, amplitude: number): RopeTables {
  const [batch, tokens] = positions.type.shape as [number, number];
  const half = headDim / 2;
  const frequencies = b.state(INVERSE_FREQUENCIES, { dtype: 'f32', shape: [half] });
  const angles = b.mul(b.reshape(b.cast(positions, 'f32'), [batch, tokens, 1]), b.reshape(frequencies, [1, 1, half]));
  const cos = b.cos(angles);
  const sin = b.sin(angles);
  return amplitude === 1 ? { cos, sin } : { cos: b.mul(cos, amplitude), sin: b.mul(sin, amplitude) };
}

/** Rotates as many of each head's numbers as the tables are made for, and leaves the rest. @param x [B, T, heads, headDim] */
export function rotateFirst(b: GraphBuilder, x: Value, { cos, sin }: RopeTables): Value {
  const headDim = x.type.shape.at(-1)!;
  const width = 2 * cos.type.shape.at(-1)!;
  if (width === headDim) return b.rope(x, cos, sin);
  return b.concat([b.rope(b.sliceAxis(x, 3, 0, width), cos, sin), b.sliceAxis(x, 3, width, headDim - width)], 3);
}
