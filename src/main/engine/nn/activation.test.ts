import { expect, test } from 'vitest';
import { referenceBackend } from '../backends/reference/reference-backend.ts';
import { gradients } from '../autodiff/reverse.ts';
import { GraphBuilder } from '../ops/builder.ts';
import { ACTIVATIONS, type Activation } from './activation.ts';

const X = [-6, -1, -0.25, 0, 0.5, 3];

/** Phi by the midpoint rule: nothing of ours is in it. */
function phi(x: number): number {
  const steps = 20_000;
  const h = Math.abs(x) / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += Math.exp(-(((i + 0.5) * h) ** 2) / 2);
  return 0.5 + (Math.sign(x) * h * sum) / Math.sqrt(2 * Math.PI);
}

const tanhForm = (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const silu = (x: number) => x / (1 + Math.exp(-x));
const FORMULAS: { readonly [K in Activation]: (x: number) => number } = {
  relu: (x) => (x > 0 ? x : 0),
  gelu: (x) => x * phi(x),
  gelu_python: (x) => x * phi(x),
  gelu_new: tanhForm,
  gelu_fast: tanhForm,
  gelu_pytorch_tanh: tanhForm,
  quick_gelu: (x) => x / (1 + Math.exp(-1.702 * x)),
  silu,
  swish: silu,
};

test.each(Object.keys(ACTIVATIONS) as Activation[])('%s is its formula, with its slope', async (name) => {
  const b = new GraphBuilder(name);
  const x = b.input('x', { dtype: 'f32', shape: [X.length] });
  const y = ACTIVATIONS[name](b, x);
  b.output('y', y);
  b.output('slope', gradients(b, b.sum(y, [0]), [x])[0]!);
  const session = await referenceBackend.open();
  const program = await session.compile(b.finish());
  const { y: values, slope } = await program.run({ x: { dtype: 'f32', shape: [X.length], data: Float32Array.from(X) } });
  const f = FORMULAS[name];
  X.forEach((at, i) => {
    expect(values!.data[i], `${name}(${at})`).toBeCloseTo(f(at), 6);
    // PyTorch's slope of ReLU at 0 is 0.
    expect(slope!.data[i], `slope of ${name} at ${at}`).toBeCloseTo(name === 'relu' && at === 0 ? 0 : (f(at + 1e-4) - f(at - 1e-4)) / 2e-4, 5);
  });
});
