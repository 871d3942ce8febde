import type { ShapeRule } from '../../ir/builder.ts';
import { formatType } from '../../ir/graph.ts';
import { broadcastShapes, elementCount, isAxis, sameShape } from '../../ir/shape.ts';
import { refuse, takeInputs } from '../check.ts';

export type LayoutOp = 'after' | 'reshape' | 'transpose' | 'broadcast' | 'slice' | 'concat' | 'pad';

export const layoutShapes: { readonly [K in LayoutOp]: ShapeRule<K> } = {
  after: (inputs) => {
    const [x] = takeInputs('after', inputs, 2);
    return [x!];
  },
  reshape: (inputs, { shape }) => {
    const [x] = takeInputs('reshape', inputs, 1);
    if (elementCount(shape) !== elementCount(x!.shape)) refuse('reshape', `${formatType(x!)} into [${shape.join(', ')}]`);
    return [{ dtype: x!.dtype, shape }];
  },
  transpose: (inputs, { perm }) => {
    const [x] = takeInputs('transpose', inputs, 1);
    const complete = perm.length === x!.shape.length && x!.shape.every((_, axis) => perm.includes(axis));
    if (!complete) refuse('transpose', `perm [${perm.join(', ')}] does not fit ${formatType(x!)}`);
    return [{ dtype: x!.dtype, shape: perm.map((axis) => x!.shape[axis]!) }];
  },
  broadcast: (inputs, { shape }) => {
    const [x] = takeInputs('broadcast', inputs, 1);
    const reached = broadcastShapes(x!.shape, shape);
    if (!reached || !sameShape(reached, shape)) refuse('broadcast', `${formatType(x!)} to [${shape.join(', ')}]`);
    return [{ dtype: x!.dtype, shape }];
  },
  slice: (inputs, { starts, sizes }) => {
    const [x] = takeInputs('slice', inputs, 1);
    const rank = x!.shape.length;
    const inside = x!.shape.every((size, i) => starts[i]! >= 0 && sizes[i]! >= 0 && starts[i]! + sizes[i]! <= size);
    if (starts.length !== rank || sizes.length !== rank || !inside) {
      refuse('slice', `starts [${starts.join(', ')}], sizes [${sizes.join(', ')}] leave ${formatType(x!)}`);
    }
    return [{ dtype: x!.dtype, shape: sizes }];
  },
  concat: (inputs, { axis }) => {
    const first = inputs[0] ?? refuse('concat', 'at least one input expected');
    if (!isAxis(axis, first.shape.length)) refuse('concat', `axis ${axis} does not fit ${formatType(first)}`);
    const fits = inputs.every((x) => x.dtype === first.dtype && sameShape(x.shape.toSpliced(axis, 1), first.shape.toSpliced(axis, 1)));
    if (!fits) refuse('concat', `inputs differ outside axis ${axis}: ${inputs.map(formatType).join(', ')}`);
    const size = inputs.reduce((total, x) => total + x.shape[axis]!, 0);
    return [{ dtype: first.dtype, shape: first.shape.with(axis, size) }];
  },
  pad: (inputs, { before, after }) => {
    const [x] = takeInputs('pad', inputs, 1);
    const valid = before.length === x!.shape.length && after.length === before.length && [...before, ...after].every((n) => n >= 0);
    if (!valid) refuse('pad', `before [${before.join(', ')}], after [${after.join(', ')}] do not fit ${formatType(x!)}`);
    return [{ dtype: x!.dtype, shape: x!.shape.map((size, i) => before[i]! + size + after[i]!) }];
  },
};
