import { NOT_DIFFERENTIABLE, type GradientEntry } from '../gradient-rule.ts';
import type { LayoutOp } from './layout-shapes.ts';

export const layoutGradients: { readonly [K in LayoutOp]: GradientEntry<K> } = {
  // Written when the backward pass is there already.
  after: NOT_DIFFERENTIABLE,
  reshape: ({ b, inputs, gradients }) => [b.reshape(gradients[0]!, inputs[0]!.type.shape)],
  transpose: ({ b, gradients, params: { perm } }) => [
    b.transpose(
      gradients[0]!,
      perm.map((_, axis) => perm.indexOf(axis)),
    ),
  ],
  broadcast: ({ b, inputs, gradients }) => [b.sumTo(gradients[0]!, inputs[0]!.type.shape)],
  slice: ({ b, inputs, gradients, params: { starts, sizes } }) => [
    b.pad(
      gradients[0]!,
      starts,
      inputs[0]!.type.shape.map((size, axis) => size - starts[axis]! - sizes[axis]!),
    ),
  ],
  concat: ({ b, inputs, gradients, params: { axis }, needs }) => {
    let start = 0;
    return inputs.map((input, i) => {
      const size = input.type.shape[axis]!;
      const at = start;
      start += size;
      return needs(i) ? b.sliceAxis(gradients[0]!, axis, at, size) : null;
    });
  },
  pad: ({ b, inputs, gradients, params: { before } }) => [b.slice(gradients[0]!, before, inputs[0]!.type.shape)],
};
