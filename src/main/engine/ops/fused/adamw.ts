import type { Value } from '../../ir/graph.ts';
import type { Decomposition } from './decomposition.ts';

/** Spec 5.2: decay first, then moments, then the step. */
export const decomposeAdamw: Decomposition<'adamw'> = (b, inputs, { beta1, beta2, epsilon, weightDecay }) => {
  const [p, g, m, v, factor, rate, correction1, correction2] = inputs as [Value, Value, Value, Value, Value, Value, Value, Value];
  const gradient = b.mul(g, factor);
  const decayed = weightDecay === 0 ? p : b.mul(p, b.sub(b.constant(1, 'f32'), b.mul(rate, weightDecay)));
  const m2 = b.add(b.mul(m, beta1), b.mul(gradient, 1 - beta1));
  const v2 = b.add(b.mul(v, beta2), b.mul(b.mul(gradient, gradient), 1 - beta2));
  const denominator = b.add(b.div(b.sqrt(v2), b.sqrt(correction2)), epsilon);
  const step = b.mul(b.div(rate, correction1), b.div(m2, denominator));
  return [b.sub(decayed, step), m2, v2];
};
