/** @file Between tensors in main memory (bits in their dtype) and tensors of the evaluation (floats in float64). */
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { DType } from '../../ir/dtype.ts';
import { decodeHalfs, encodeHalfs, isHalf } from '../../ir/float-bits.ts';
import { formatType, type TensorType } from '../../ir/graph.ts';
import { elementCount, sameShape } from '../../ir/shape.ts';
import type { Tensor, TensorData } from '../../ops/core/tensor.ts';
import type { HostTensor } from '../backend.ts';

const ARRAY: { readonly [K in DType]: Function } = {
  f32: Float32Array,
  f16: Uint16Array,
  bf16: Uint16Array,
  i32: Int32Array,
  bool: Uint8Array,
};

/** @throws AppError BACKEND-TENSOR where the tensor is not of the type that the program or state was declared with */
export function fromHost(what: string, host: HostTensor, type: TensorType): Tensor {
  const { dtype, shape, data } = host;
  const fits = dtype === type.dtype && sameShape(shape, type.shape) && data instanceof ARRAY[dtype] && data.length === elementCount(shape);
  if (!fits) {
    throw new AppError({
      code: 'BACKEND-TENSOR',
      message: `${what} takes ${formatType(type)}, got ${formatType(host)} with ${data.length} elements in a ${data.constructor.name}`,
    });
  }
  return { dtype, shape, data: widen(dtype, data) };
}

function widen(dtype: DType, data: HostTensor['data']): TensorData {
  if (dtype === 'i32') return Int32Array.from(data);
  if (dtype === 'bool') return Uint8Array.from(data);
  return Float64Array.from(isHalf(dtype) ? decodeHalfs(dtype, data as Uint16Array) : data);
}

export function toHost({ dtype, shape, data }: Tensor): HostTensor {
  if (dtype === 'i32') return { dtype, shape, data: Int32Array.from(data) };
  if (dtype === 'bool') return { dtype, shape, data: Uint8Array.from(data) };
  return { dtype, shape, data: isHalf(dtype) ? encodeHalfs(dtype, data) : Float32Array.from(data) };
}
