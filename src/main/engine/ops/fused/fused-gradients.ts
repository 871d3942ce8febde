/** @file Gradients of the fused ops, through their backward partners where there is one. */
import type { Value } from '../../ir/graph.ts';
import type { FusedOp } from '../../ir/op-types.ts';
import { refuse } from '../check.ts';
import { NOT_DIFFERENTIABLE, type GradientEntry } from '../gradient-rule.ts';
import { linearGradient } from './linear-gradient.ts';

export const fusedGradients: { readonly [K in FusedOp]: GradientEntry<K> } = {
  linear: linearGradient,
  rmsNorm: ({ b, inputs, gradients, params: { eps }, needs }) => {
    const weightGradient = needs(1);
    const [dX, dWeight] = b.append('rmsNormBackward', [...inputs, gradients[0]!], { eps, weightGradient });
    return [dX!, dWeight ? b.cast(dWeight, inputs[1]!.type.dtype) : null];
  },
  rmsNormBackward: NOT_DIFFERENTIABLE,
  layerNorm: ({ b, inputs, gradients, params: { eps }, needs }) => {
    const [x, weight, bias] = inputs as [Value, Value, Value];
    const weightGradient = needs(1) || needs(2);
    const [dX, dWeight, dBias] = b.append('layerNormBackward', [x, weight, gradients[0]!], { eps, weightGradient });
    return [dX!, dWeight ? b.cast(dWeight, weight.type.dtype) : null, dBias ? b.cast(dBias, bias.type.dtype) : null];
  },
  layerNormBackward: NOT_DIFFERENTIABLE,
  rope: ({ b, inputs, gradients, params: { inverse }, needs }) => {
    if (needs(1) || needs(2)) refuse('rope', 'there is no gradient by the angles');
    return [b.rope(gradients[0]!, inputs[1]!, inputs[2]!, !inverse), null, null];
  },
  swiglu: ({ b, inputs, gradients }) => b.append('swigluBackward', [...inputs, gradients[0]!], {}),
  swigluBackward: NOT_DIFFERENTIABLE,
  attention: ({ b, inputs, outputs, gradients, params }) => {
    const [q, k, v, ...range] = inputs as [Value, Value, Value, ...Value[]];
    const [out, lse] = outputs as [Value, Value];
    if (gradients[1]) refuse('attention', 'there is no gradient through lse');
    return [...b.append('attentionBackward', [q, k, v, out, lse, gradients[0]!, ...range], params), ...range.map(() => null)];
  },
  attentionBackward: NOT_DIFFERENTIABLE,
  linearCrossEntropy: ({ b, outputs, gradients, params, needs }) => {
    const [dNll, ...others] = gradients as [Value | null, ...(Value | null)[]];
    const [, dX, , , dWeight] = outputs as [Value, Value, Value, Value, Value | undefined];
    if (!dNll || others.some((other) => other !== null)) refuse('linearCrossEntropy', 'only nllSum has a gradient');
    if (needs(1) && !params.weightGradient) refuse('linearCrossEntropy', 'weightGradient is off, yet the weight is trained');
    const scaled = (gradient: Value) => b.mul(gradient, b.cast(dNll, gradient.type.dtype));
    return [scaled(dX), needs(1) ? b.cast(scaled(dWeight!), dX.type.dtype) : null, null];
  },
  globalNormClip: NOT_DIFFERENTIABLE,
  adamw: NOT_DIFFERENTIABLE,
};
