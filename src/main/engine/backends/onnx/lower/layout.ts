import { elementCount, type Shape } from '../../../ir/shape.ts';
import type { LoweringInput, OnnxLowering, Operand } from './lowering.ts';

/** A value that is one number throughout stays one number in any layout. */
function uniform(x: LoweringInput): Operand | null {
  const operand = x.operand();
  return operand.shape.length === 0 && elementCount(x.type.shape) > 0 ? operand : null;
}

function swapsOnlyUnitAxes(shape: Shape, perm: readonly number[]): boolean {
  const moved = perm.filter((axis) => shape[axis] !== 1);
  return moved.every((axis, i) => i === 0 || axis > moved[i - 1]!);
}

type LayoutOp = 'after' | 'reshape' | 'transpose' | 'broadcast' | 'slice' | 'concat' | 'pad';

export const layoutLowerings: { readonly [K in LayoutOp]: OnnxLowering<K> } = {
  after: (context, [x, y]) => {
    const operand = x!.operand();
    const shape = operand.shape.length === 0 ? [1] : operand.shape;
    // True or false (NaN), both give x: ONNX Runtime can neither know that nor run this before y.
    const first = context.emit('Slice', [
      context.reshape(y!.full(), [elementCount(y!.type.shape)]),
      ...[0, 1, 0].map((i) => context.writer.constant('i64', [i])),
    ]);
    const name = context.emit('Where', [context.emit('Equal', [first, first]), operand.name, operand.name]);
    return [{ name: operand.shape.length === 0 ? context.reshape(name, []) : name, shape: operand.shape.length === 0 ? [] : shape }];
  },
  reshape: (context, [x], { shape }) => [uniform(x!) ?? { name: context.reshape(x!.full(), shape), shape }],
  transpose: (context, [x], { perm }, [type]) => {
    const shape = type!.shape;
    const same = uniform(x!);
    if (same) return [same];
    if (swapsOnlyUnitAxes(x!.type.shape, perm)) return [{ name: context.reshape(x!.full(), shape), shape }];
    return [{ name: context.emit('Transpose', [x!.full()], { perm: { ints: perm } }), shape }];
  },
  broadcast: (_context, [x]) => [x!.operand()],
  slice: (context, [x], { starts, sizes }) => {
    const same = uniform(x!);
    if (same) return [same];
    const cut = sizes.flatMap((size, axis) => (size === x!.type.shape[axis] ? [] : [axis]));
    if (cut.length === 0) return [{ name: x!.full(), shape: sizes }];
    const constant = (values: readonly number[]) => context.writer.constant('i64', values);
    const from = constant(cut.map((axis) => starts[axis]!));
    const to = constant(cut.map((axis) => starts[axis]! + sizes[axis]!));
    return [{ name: context.emit('Slice', [x!.full(), from, to, constant(cut)]), shape: sizes }];
  },
  concat: (context, inputs, { axis }, [type]) => {
    const names = inputs.filter((input) => input.type.shape[axis] !== 0).map((input) => input.full());
    if (names.length <= 1) return [{ name: names[0] ?? inputs[0]!.full(), shape: type!.shape }];
    return [{ name: context.emit('Concat', names, { axis: { int: axis } }), shape: type!.shape }];
  },
  pad: (context, [x], { before, after }, [type]) => {
    const amounts = context.writer.constant('i64', [...before, ...after]);
    return [{ name: context.emit('Pad', [x!.full(), amounts]), shape: type!.shape }];
  },
};
