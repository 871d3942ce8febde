import type { ShapeRule } from '../../ir/builder.ts';
import { formatType } from '../../ir/graph.ts';
import { isAxis, type Shape } from '../../ir/shape.ts';
import { refuse, requireFloat, takeInputs } from '../check.ts';

export type ReduceOp = 'sum' | 'reduceMax' | 'argmax';

/** Shape after reducing `axes` (ascending, distinct). */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]));
}

function reduce<K extends 'sum' | 'reduceMax'>(op: K): ShapeRule<K> {
  return (inputs, { axes, keepDims }) => {
    const [x] = takeInputs(op, inputs, 1);
    requireFloat(op, 'input', x!);
    const ascending = axes.every((axis, i) => isAxis(axis, x!.shape.length) && (i === 0 || axis > axes[i - 1]!));
    if (!ascending || axes.length === 0) refuse(op, `axes [${axes.join(', ')}] do not fit ${formatType(x!)}`);
    return [{ dtype: x!.dtype, shape: reducedShape(x!.shape, axes, keepDims) }];
  };
}

export const reduceShapes: { readonly [K in ReduceOp]: ShapeRule<K> } = {
  sum: reduce('sum'),
  reduceMax: reduce('reduceMax'),
  argmax: (inputs, { axis }) => {
    const [x] = takeInputs('argmax', inputs, 1);
    requireFloat('argmax', 'input', x!);
    if (!isAxis(axis, x!.shape.length)) refuse('argmax', `axis ${axis} does not fit ${formatType(x!)}`);
    return [{ dtype: 'i32', shape: reducedShape(x!.shape, [axis], false) }];
  },
};
