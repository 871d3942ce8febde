import type { Value } from '../../ir/graph.ts';
import type { GraphBuilder } from '../builder.ts';
import { NOT_DIFFERENTIABLE, type GradientEntry } from '../gradient-rule.ts';
import { reducedShape, type ReduceOp } from './reduce-shapes.ts';

/** A reduced value with its axes back, as 1. */
function withAxes(b: GraphBuilder, reduced: Value, x: Value, axes: readonly number[]): Value {
  return b.reshape(reduced, reducedShape(x.type.shape, axes, true));
}

export const reduceGradients: { readonly [K in ReduceOp]: GradientEntry<K> } = {
  sum: ({ b, inputs, gradients, params: { axes } }) => {
    const x = inputs[0]!;
    return [b.broadcast(withAxes(b, gradients[0]!, x, axes), x.type.shape)];
  },
  // Split evenly between ties, as torch has it.
  reduceMax: ({ b, inputs, outputs, gradients, params: { axes } }) => {
    const x = inputs[0]!;
    const largest = b.cast(b.equal(x, withAxes(b, outputs[0]!, x, axes)), x.type.dtype);
    return [b.mul(largest, b.div(withAxes(b, gradients[0]!, x, axes), b.sum(largest, axes, true)))];
  },
  argmax: NOT_DIFFERENTIABLE,
};
