import type { Value } from '../../ir/graph.ts';
import type { Decomposition } from './decomposition.ts';

export const decomposeSwiglu: Decomposition<'swiglu'> = (b, [gate, up]) => {
  const g = b.cast(gate!, 'f32');
  const out = b.mul(b.mul(g, b.sigmoid(g)), b.cast(up!, 'f32'));
  return [b.cast(out, gate!.type.dtype)];
};

/** With s = sigmoid(gate): silu = gate s, d silu / d gate = s (1 + gate (1 - s)). */
export const decomposeSwigluBackward: Decomposition<'swigluBackward'> = (b, inputs) => {
  const dtype = inputs[0]!.type.dtype;
  const [gate, up, dOut] = inputs.map((value) => b.cast(value, 'f32')) as [Value, Value, Value];
  const s = b.sigmoid(gate);
  const slope = b.mul(s, b.add(b.mul(gate, b.sub(b.constant(1, 'f32'), s)), 1));
  const dGate = b.mul(b.mul(dOut, up), slope);
  const dUp = b.mul(dOut, b.mul(gate, s));
  return [b.cast(dGate, dtype), b.cast(dUp, dtype)];
};
