/** @file Functions between the layers of an MLP, by their names in config.json (transformers' ACT2FN). Computed in f32, rounded once. */
import type { Value } from '../ir/graph.ts';
import type { GraphBuilder } from '../ops/builder.ts';

type Function = (b: GraphBuilder, x: Value) => Value;

function inF32(f: Function): Function {
  return (b, x) => b.cast(f(b, b.cast(x, 'f32')), x.type.dtype);
}

/** Zero comes first: at 0 the gradient is 0, as PyTorch has it. */
const relu: Function = (b, x) => b.max(b.constant(0, x.type.dtype), x);
const silu = inF32((b, x) => b.mul(x, b.sigmoid(x)));
/** x Phi(x) */
const gelu = inF32((b, x) => b.mul(b.mul(x, 0.5), b.add(b.erf(b.mul(x, Math.SQRT1_2)), 1)));
/** The same by a tanh, as GPT-2 has it. `gelu_fast` writes the constant with ten digits, which are the same float32. */
const geluTanh = inF32((b, x) => {
  const inner = b.mul(b.add(x, b.mul(b.mul(b.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return b.mul(b.mul(x, 0.5), b.add(b.tanh(inner), 1));
});
const quickGelu = inF32((b, x) => b.mul(x, b.sigmoid(b.mul(x, 1.702))));

export const ACTIVATIONS = {
  relu,
  gelu,
  gelu_python: gelu,
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  quick_gelu: quickGelu,
  silu,
  swish: silu,
} satisfies Readonly<Record<string, Function>>;
export type Activation = keyof typeof ACTIVATIONS;

export function isActivation(name: string): name is Activation {
  return Object.hasOwn(ACTIVATIONS, name);
}
