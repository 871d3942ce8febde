import type { Value } from '../../ir/graph.ts';
import type { Decomposition } from './decomposition.ts';

export const decomposeRope: Decomposition<'rope'> = (b, inputs, { inverse }) => {
  const [x, cosTable, sinTable] = inputs as [Value, Value, Value];
  const [batch, tokens, , headDim] = x.type.shape as [number, number, number, number];
  const half = headDim / 2;
  // One angle serves every head.
  const [cos, sin] = [cosTable, sinTable].map((table) => b.reshape(b.cast(table, x.type.dtype), [batch, tokens, 1, half])) as [Value, Value];
  const low = b.sliceAxis(x, 3, 0, half);
  const high = b.sliceAxis(x, 3, half, half);
  const [lowCos, lowSin, highCos, highSin] = [b.mul(low, cos), b.mul(low, sin), b.mul(high, cos), b.mul(high, sin)];
  const rotated = inverse ? [b.add(lowCos, highSin), b.sub(highCos, lowSin)] : [b.sub(lowCos, highSin), b.add(highCos, lowSin)];
  return [b.concat(rotated, 3)];
};
