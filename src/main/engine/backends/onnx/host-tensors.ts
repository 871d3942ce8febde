/** @file Between the engine's host tensors and the carrier arrays that ONNX Runtime reads: 16-bit floats are widened to f32. */
import type { DType } from '../../ir/dtype.ts';
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
  return data instanceof Uint16Array ? widen(data, dtype) : data;
}

/** A copy the caller may keep: the backend's own buffers are written again by the next run. */
export function fromCarrier(data: CarrierArray, { dtype, shape }: TensorType): HostTensor {
  return { dtype, shape, data: dtype === 'bf16' || dtype === 'f16' ? narrow(data as Float32Array, dtype) : data.slice() };
}

const f16Values: { table: Float32Array | null } = { table: null };

/** f32 of every half, by its bits: one look-up an element instead of a branchy conversion. */
function f16Table(): Float32Array {
  f16Values.table ??= Float32Array.from({ length: 65_536 }, (_, bits) => {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const sign = bits & 0x8000 ? -1 : 1;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
  });
  return f16Values.table;
}

/** Raw bf16 or f16 bits as f32, into `target` from `offset` on when given. */
export function widen(bits: Uint16Array, dtype: DType, target = new Float32Array(bits.length), offset = 0): Float32Array {
  if (dtype === 'bf16') {
    const words = new Uint32Array(target.buffer, target.byteOffset, target.length);
    for (let i = 0; i < bits.length; i++) words[offset + i] = bits[i]! << 16;
    return target;
  }
  const table = f16Table();
  for (let i = 0; i < bits.length; i++) target[offset + i] = table[bits[i]!]!;
  return target;
}

/** Values of a carrier have been rounded already, so this only drops zero bits. */
function narrow(values: Float32Array, dtype: 'bf16' | 'f16'): Uint16Array {
  const bits = new Uint16Array(values.length);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  if (dtype === 'bf16') for (let i = 0; i < bits.length; i++) bits[i] = words[i]! >>> 16;
  else for (let i = 0; i < bits.length; i++) bits[i] = exactHalf(words[i]!);
  return bits;
}

/** f32 bits of a number that is a half already. */
function exactHalf(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const exponent = ((word >>> 23) & 255) - 127;
  const fraction = word & 0x7fffff;
  if (exponent === 128) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  if (exponent >= -14) return sign | ((exponent + 15) << 10) | (fraction >>> 13);
  return exponent < -25 ? sign : sign | ((0x800000 | fraction) >>> (-exponent - 1));
}

/** Rounds to nearest even in place, keeping f32 as the carrier; NaN stays NaN. */
export function roundCarrier(values: Float32Array, dtype: 'bf16' | 'f16'): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  if (dtype === 'f16') {
    for (let i = 0; i < words.length; i++) values[i] = roundToHalf(values[i]!, words[i]!);
    return;
  }
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const nan = (word & 0x7fffffff) > 0x7f800000;
    words[i] = nan ? (word | 0x400000) & 0xffff0000 : (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
  }
}

/** @param word the f32 bits of `value` */
function roundToHalf(value: number, word: number): number {
  const exponent = Math.max(-14, ((word >>> 23) & 255) - 127);
  // In float64 the sum's last bit is one half-precision unit of `value`, so the addition itself rounds to it, ties to even.
  const shift = 1.5 * 2 ** (52 + exponent - 10);
  const rounded = value + shift - shift;
  return Math.abs(rounded) > 65_504 ? Math.sign(rounded) * Number.POSITIVE_INFINITY : rounded;
}
