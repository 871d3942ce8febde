import type { Value } from '../../ir/graph.ts';
import type { GradientEntry } from '../gradient-rule.ts';

export const matmulGradients: { readonly matmul: GradientEntry<'matmul'> } = {
  /** dA = G B^T and dB = A^T G, written so that a transposed input gets its gradient in its stored order. */
  matmul: ({ b, inputs, gradients, params: { transA, transB }, needs }) => {
    const [a, c] = inputs as [Value, Value];
    const g = b.cast(gradients[0]!, a.type.dtype);
    const byFirst = () => (transA ? b.matmul(c, g, { transA: transB, transB: true }) : b.matmul(g, c, { transB: !transB }));
    const bySecond = () => (transB ? b.matmul(g, a, { transA: true, transB: transA }) : b.matmul(a, g, { transA: !transA }));
    return [needs(0) ? b.sumTo(byFirst(), a.type.shape) : null, needs(1) ? b.sumTo(bySecond(), c.type.shape) : null];
  },
};
