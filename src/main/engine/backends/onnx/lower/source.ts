import { elementCount } from '../../../ir/shape.ts';
import type { OnnxLowering } from './lowering.ts';
import { lowerRandom } from './random.ts';

export const sourceLowerings: { readonly [K in 'constant' | 'iota' | 'random']: OnnxLowering<K> } = {
  constant: (context, _inputs, { dtype, value }) => {
    const carrier = dtype === 'i32' || dtype === 'bool' ? dtype : 'f32';
    const name = context.writer.constant(carrier, [value], []);
    return [{ name: context.round(name, dtype), shape: [] }];
  },
  iota: (context, _inputs, { shape, axis }) => {
    const scalar = (value: number) => context.writer.constant('i32', [value], []);
    const column = shape.slice(axis).map((size, i) => (i === 0 ? size : 1));
    const range = context.emit('Range', [scalar(0), scalar(elementCount(column)), scalar(1)]);
    return [{ name: column.length === 1 ? range : context.reshape(range, column), shape: column }];
  },
  random: lowerRandom,
};
