/** @file Between the engine's host tensors and the carrier arrays that ONNX Runtime reads: 16-bit floats are widened to f32. */
import { encodeHalfs, halfFromBits, isHalf, roundToHalf, type HalfDType } from '../../ir/float-bits.ts';
import type { TensorType } from '../../ir/graph.ts';
import { elementCount, formatShape, sameShape } from '../../ir/shape.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { HostTensor } from '../backend.ts';

export type CarrierArray = Float32Array | Int32Array | Uint8Array;

export function emptyCarrier(type: TensorType): CarrierArray {
  const count = elementCount(type.shape);
  if (type.dtype === 'i32') return new Int32Array(count);
  return type.dtype === 'bool' ? new Uint8Array(count) : new Float32Array(count);
}

/** @param where names the tensor in an error; throws BACKEND-TENSOR if dtype or shape differ from `type` */
export function checkTensor(where: string, tensor: HostTensor, type: TensorType): void {
  if (tensor.dtype === type.dtype && sameShape(tensor.shape, type.shape) && tensor.data.length === elementCount(type.shape)) return;
  const got = `${tensor.dtype}${formatShape(tensor.shape)} (${tensor.data.length} elements)`;
  throw new AppError({ code: 'BACKEND-TENSOR', message: `${where}: ${type.dtype}${formatShape(type.shape)} expected, got ${got}` });
}

/** The same memory where no widening is needed. */
export function toCarrier({ dtype, data }: HostTensor): CarrierArray {
  return isHalf(dtype) ? widen(data as Uint16Array, dtype) : (data as CarrierArray);
}

/** A copy the caller may keep: the backend's own buffers are written again by the next run. */
export function fromCarrier(data: CarrierArray, { dtype, shape }: TensorType): HostTensor {
  return { dtype, shape, data: isHalf(dtype) ? encodeHalfs(dtype, data as Float32Array) : data.slice() };
}

/** f32 of every half, by its bits: one look-up an element, for weights come by the hundred million. */
const halves: { table: Float32Array | null } = { table: null };

/** Raw bf16 or f16 bits as f32, into `target` from `offset` on when given. */
export function widen(bits: Uint16Array, dtype: HalfDType, target = new Float32Array(bits.length), offset = 0): Float32Array {
  if (dtype === 'bf16') {
    const words = new Uint32Array(target.buffer, target.byteOffset, target.length);
    for (let i = 0; i < bits.length; i++) words[offset + i] = bits[i]! << 16;
    return target;
  }
  halves.table ??= Float32Array.from({ length: 65_536 }, (_, half) => halfFromBits('f16', half));
  const { table } = halves;
  for (let i = 0; i < bits.length; i++) target[offset + i] = table[bits[i]!]!;
  return target;
}

/** Rounds to nearest even in place, keeping f32 as the carrier. */
export function roundCarrier(values: Float32Array, dtype: HalfDType): void {
  for (let i = 0; i < values.length; i++) values[i] = roundToHalf(dtype, values[i]!);
}
