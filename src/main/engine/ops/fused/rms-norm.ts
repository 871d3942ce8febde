import type { Value } from '../../ir/graph.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Decomposition } from './decomposition.ts';

/** 1 / sqrt(mean(x^2) + eps) over the last axis, kept as 1. @param x f32 [.., n] */
function inverseRms(b: GraphBuilder, x: Value, eps: number): Value {
  const last = x.type.shape.length - 1;
  const meanSquare = b.div(b.sum(b.mul(x, x), [last], true), x.type.shape[last]!);
  return b.div(b.constant(1, 'f32'), b.sqrt(b.add(meanSquare, eps)));
}

export const decomposeRmsNorm: Decomposition<'rmsNorm'> = (b, [x, weight], { eps }) => {
  const x32 = b.cast(x!, 'f32');
  const normed = b.mul(x32, inverseRms(b, x32, eps));
  return [b.mul(b.cast(normed, x!.type.dtype), weight!)];
};

/** With n = x / rms and g = dY * weight: dX = (g - n * mean(g * n)) / rms, dWeight = sum over rows of dY * n. */
export const decomposeRmsNormBackward: Decomposition<'rmsNormBackward'> = (b, inputs, { eps, weightGradient }) => {
  const [x, weight, dY] = inputs as [Value, Value, Value];
  const last = x.type.shape.length - 1;
  const x32 = b.cast(x, 'f32');
  const dY32 = b.cast(dY, 'f32');
  const inverse = inverseRms(b, x32, eps);
  const normed = b.mul(x32, inverse);
  const dNormed = b.mul(dY32, b.cast(weight, 'f32'));
  const projection = b.div(b.sum(b.mul(dNormed, normed), [last], true), x.type.shape[last]!);
  const dX = b.cast(b.mul(b.sub(dNormed, b.mul(normed, projection)), inverse), x.type.dtype);
  if (!weightGradient) return [dX];
  const rowAxes = x.type.shape.slice(0, -1).map((_, axis) => axis);
  return [dX, b.sum(b.mul(dY32, normed), rowAxes)];
};
