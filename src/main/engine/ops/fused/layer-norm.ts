import type { Value } from '../../ir/graph.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Decomposition } from './decomposition.ts';

function meanOf(b: GraphBuilder, x: Value): Value {
  const last = x.type.shape.length - 1;
  return b.div(b.sum(x, [last], true), x.type.shape[last]!);
}

/** n = (x - mean) / deviation and 1 / deviation over the last axis, both f32, the latter kept as 1. @param x f32 [.., n] */
function normalised(b: GraphBuilder, x: Value, eps: number): { readonly normed: Value; readonly inverse: Value } {
  const centred = b.sub(x, meanOf(b, x));
  const inverse = b.div(b.constant(1, 'f32'), b.sqrt(b.add(meanOf(b, b.mul(centred, centred)), eps)));
  return { normed: b.mul(centred, inverse), inverse };
}

export const decomposeLayerNorm: Decomposition<'layerNorm'> = (b, inputs, { eps }) => {
  const [x, weight, bias] = inputs as [Value, Value, Value];
  const { normed } = normalised(b, b.cast(x, 'f32'), eps);
  return [b.cast(b.add(b.mul(normed, b.cast(weight, 'f32')), b.cast(bias, 'f32')), x.type.dtype)];
};

/** With g = dY * weight: dX = (g - mean(g) - n * mean(g * n)) / deviation, dWeight = sum over rows of dY * n, dBias = of dY. */
export const decomposeLayerNormBackward: Decomposition<'layerNormBackward'> = (b, inputs, { eps, weightGradient }) => {
  const [x, weight, dY] = inputs as [Value, Value, Value];
  const dY32 = b.cast(dY, 'f32');
  const { normed, inverse } = normalised(b, b.cast(x, 'f32'), eps);
  const dNormed = b.mul(dY32, b.cast(weight, 'f32'));
  const along = b.mul(normed, meanOf(b, b.mul(dNormed, normed)));
  const dX = b.cast(b.mul(b.sub(b.sub(dNormed, meanOf(b, dNormed)), along), inverse), x.type.dtype);
  if (!weightGradient) return [dX];
  const rowAxes = x.type.shape.slice(0, -1).map((_, axis) => axis);
  return [dX, b.sum(b.mul(dY32, normed), rowAxes), b.sum(dY32, rowAxes)];
};
