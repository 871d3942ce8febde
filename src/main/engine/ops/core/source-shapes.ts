import type { ShapeRule } from '../../ir/builder.ts';
import { isAxis } from '../../ir/shape.ts';
import { refuse, requireDType, requireShape, takeInputs } from '../check.ts';

export type SourceOp = 'constant' | 'iota' | 'random';

export const sourceShapes: { readonly [K in SourceOp]: ShapeRule<K> } = {
  constant: (inputs, { dtype, shape }) => {
    takeInputs('constant', inputs, 0);
    return [{ dtype, shape }];
  },
  iota: (inputs, { shape, axis }) => {
    takeInputs('iota', inputs, 0);
    if (!isAxis(axis, shape.length)) refuse('iota', `axis ${axis} does not fit [${shape.join(', ')}]`);
    return [{ dtype: 'i32', shape }];
  },
  random: (inputs, { shape }) => {
    const [seed] = takeInputs('random', inputs, 1);
    requireDType('random', 'seed', seed!, 'i32');
    requireShape('random', 'seed', seed!, [2]);
    return [{ dtype: 'f32', shape }];
  },
};
