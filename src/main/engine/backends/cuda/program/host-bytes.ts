import { AppError } from '../../../../../shared/lib/app-error.ts';
import { byteSize, type DType } from '../../../ir/dtype.ts';
import { encodeHalfs, isHalf } from '../../../ir/float-bits.ts';
import { formatType, type TensorType } from '../../../ir/graph.ts';
import { elementCount, sameShape } from '../../../ir/shape.ts';
import type { HostTensor } from '../../backend.ts';

/** The tensor's raw bytes, after checking that it is what `type` says. @throws AppError `CUDA-TENSOR` */
export function hostBytes(what: string, tensor: HostTensor, type: TensorType): Uint8Array {
  const { dtype, shape, data } = tensor;
  const wanted = elementCount(type.shape) * byteSize(type.dtype);
  if (dtype !== type.dtype || !sameShape(shape, type.shape) || data.byteLength !== wanted) {
    throw new AppError({
      code: 'CUDA-TENSOR',
      message: `${what} must be ${formatType(type)}, got ${formatType({ dtype, shape })} with ${data.byteLength} bytes.`,
      data: { what, wanted: formatType(type) },
    });
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** f32 values of a bf16 or f16 state, rounded to nearest even; any other tensor as it is (`StateSource`). */
export function roundedFor(type: TensorType, tensor: HostTensor): HostTensor {
  if (tensor.dtype !== 'f32' || !isHalf(type.dtype)) return tensor;
  return { ...tensor, dtype: type.dtype, data: encodeHalfs(type.dtype, tensor.data) };
}

/** A tensor of its own from raw bytes. */
export function hostTensor({ dtype, shape }: TensorType, bytes: Uint8Array): HostTensor {
  const own = bytes.slice().buffer;
  return { dtype, shape, data: typed(dtype, own) };
}

function typed(dtype: DType, buffer: ArrayBuffer): HostTensor['data'] {
  switch (dtype) {
    case 'f32':
      return new Float32Array(buffer);
    case 'i32':
      return new Int32Array(buffer);
    case 'bool':
      return new Uint8Array(buffer);
    case 'f16':
    case 'bf16':
      return new Uint16Array(buffer);
    default:
      return dtype satisfies never;
  }
}
