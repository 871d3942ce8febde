import type { Value } from '../../ir/graph.ts';
import { elementCount } from '../../ir/shape.ts';
import type { GradientEntry } from '../gradient-rule.ts';
import type { IndexingOp } from './indexing-shapes.ts';

export const indexingGradients: { readonly [K in IndexingOp]: GradientEntry<K> } = {
  /** Rows gathered many times (frequent tokens of an embedding) are summed in f32. */
  gather: ({ b, inputs, gradients }) => {
    const [table, index] = inputs as [Value, Value];
    const count = elementCount(index.type.shape);
    const updates = b.reshape(b.cast(gradients[0]!, 'f32'), [count, ...table.type.shape.slice(1)]);
    const zeros = b.constant(0, 'f32', table.type.shape);
    return [b.cast(b.scatter(zeros, b.reshape(index, [count]), updates, 'add'), table.type.dtype), null];
  },
  scatter: ({ b, inputs, gradients, params: { mode }, needs }) => {
    const [, index, updates] = inputs as [Value, Value, Value];
    const g = gradients[0]!;
    const byBase = () => (mode === 'add' ? g : b.scatter(g, index, b.fullLike(updates, 0), 'set'));
    return [needs(0) ? byBase() : null, null, needs(2) ? b.gather(g, index) : null];
  },
};
