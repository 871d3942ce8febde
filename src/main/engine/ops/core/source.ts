import { strides } from '../../ir/shape.ts';
import { drawKey, drawUniform } from './counter-random.ts';
import type { SourceOp } from './source-shapes.ts';
import type { Evaluation } from './tensor.ts';

export const sourceEvaluations: { readonly [K in SourceOp]: Evaluation<K> } = {
  constant: (_, { value }, output) => {
    output.data.fill(value);
  },
  iota: (_, { shape, axis }, output) => {
    const step = strides(shape)[axis]!;
    for (let i = 0; i < output.data.length; i++) output.data[i] = Math.floor(i / step) % shape[axis]!;
  },
  random: ([seed], { stream }, output) => {
    const key = drawKey(seed!.data[0]!, seed!.data[1]!, stream);
    for (let i = 0; i < output.data.length; i++) output.data[i] = drawUniform(key, i);
  },
};
