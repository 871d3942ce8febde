import { ONNX_TYPE } from '../model-writer.ts';
import type { OnnxLowering } from './lowering.ts';

function reduce<K extends 'sum' | 'reduceMax'>(opType: string): OnnxLowering<K> {
  return (context, [x], { axes, keepDims }, [type]) => {
    const reduced = context.emit(opType, [x!.full(), context.writer.constant('i64', axes)], { keepdims: { int: keepDims ? 1 : 0 } });
    return [{ name: context.round(reduced, type!.dtype), shape: type!.shape }];
  };
}

export const reduceLowerings: { readonly [K in 'sum' | 'reduceMax' | 'argmax']: OnnxLowering<K> } = {
  sum: reduce('ReduceSum'),
  reduceMax: reduce('ReduceMax'),
  argmax: (context, [x], { axis }, [type]) => {
    const index = context.emit('ArgMax', [x!.full()], { axis: { int: axis }, keepdims: { int: 0 }, select_last_index: { int: 0 } });
    return [{ name: context.emit('Cast', [index], { to: { int: ONNX_TYPE.i32 } }), shape: type!.shape }];
  },
};
