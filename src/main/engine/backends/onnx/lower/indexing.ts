import { elementCount } from '../../../ir/shape.ts';
import { ONNX_TYPE } from '../model-writer.ts';
import type { LoweringContext, LoweringInput, OnnxLowering } from './lowering.ts';

export const indexingLowerings: { readonly [K in 'gather' | 'scatter']: OnnxLowering<K> } = {
  gather: (context, [table, index], _params, [type]) => [
    { name: context.emit('Gather', [table!.full(), index!.full()], { axis: { int: 0 } }), shape: type!.shape },
  ],
  scatter: (context, inputs, { mode }, [type]) => {
    const [base, index] = inputs as [LoweringInput, LoweringInput];
    if (elementCount(index.type.shape) === 0) return [{ name: base.full(), shape: type!.shape }];
    const name = mode === 'set' ? scatterSet(context, inputs) : scatterAdd(context, inputs);
    return [{ name: mode === 'add' && type!.dtype !== 'i32' ? context.round(name, type!.dtype) : name, shape: type!.shape }];
  },
};

/** ScatterND may run in parallel; indices of `set` are distinct, so order cannot matter. */
function scatterSet(context: LoweringContext, inputs: readonly LoweringInput[]): string {
  const [base, index, updates] = inputs as [LoweringInput, LoweringInput, LoweringInput];
  const column = context.reshape(context.emit('Cast', [index.full()], { to: { int: ONNX_TYPE.i64 } }), [index.type.shape[0]!, 1]);
  return context.emit('ScatterND', [base.full(), column, updates.full()]);
}

/** ScatterElements adds in the order of its updates, on one thread: duplicates are summed in ascending order. */
function scatterAdd(context: LoweringContext, inputs: readonly LoweringInput[]): string {
  const [base, index, updates] = inputs as [LoweringInput, LoweringInput, LoweringInput];
  const { shape } = updates.type;
  const column = context.reshape(index.full(), [shape[0]!, ...shape.slice(1).map(() => 1)]);
  const everywhere = context.emit('Expand', [column, context.writer.constant('i64', shape)]);
  return context.emit('ScatterElements', [base.full(), everywhere, updates.full()], { axis: { int: 0 }, reduction: { string: 'add' } });
}
