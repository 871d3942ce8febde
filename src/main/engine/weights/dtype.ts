/**
 * Element types of the safetensors format and bit-level conversions between the float ones. Node 20 and 22 have no
 * Float16Array, so halves are handled as their uint16 bits.
 */

/** Bytes an element of each safetensors dtype takes (the format's table; sub-byte dtypes are not read). */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  F8_E4M3FNUZ: 1,
  F8_E5M2FNUZ: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  C64: 8,
  F64: 8,
  I64: 8,
  U64: 8,
} as const satisfies Record<string, number>;
export type SafetensorsDtype = keyof typeof DTYPE_BYTES;

/** The dtypes a weight of ours may have. */
export type FloatDtype = 'F16' | 'BF16' | 'F32' | 'F64';

export function isSafetensorsDtype(value: unknown): value is SafetensorsDtype {
  return typeof value === 'string' && Object.hasOwn(DTYPE_BYTES, value);
}

export function isFloatDtype(dtype: SafetensorsDtype): dtype is FloatDtype {
  return dtype === 'F16' || dtype === 'BF16' || dtype === 'F32' || dtype === 'F64';
}

/** Exact: every bfloat16 is a float32. NaN payloads are kept. */
export function bf16ToF32(src: Uint16Array, dst = new Float32Array(src.length)): Float32Array {
  const bits = bitsOf(dst);
  for (let i = 0; i < src.length; i++) bits[i] = src[i]! << 16;
  return dst;
}

/** Rounds to nearest, ties to even; a NaN stays a (quiet) NaN and never becomes infinity. */
export function f32ToBf16(src: Float32Array, dst = new Uint16Array(src.length)): Uint16Array {
  const bits = bitsOf(src);
  for (let i = 0; i < src.length; i++) {
    const x = bits[i]!;
    const isNan = (x & 0x7fffffff) > 0x7f800000;
    dst[i] = isNan ? (x >>> 16) | 0x40 : (x + 0x7fff + ((x >>> 16) & 1)) >>> 16;
  }
  return dst;
}

/** Exact: every float16 is a float32. NaN payloads are kept. */
export function f16ToF32(src: Uint16Array, dst = new Float32Array(src.length)): Float32Array {
  const table = f16Table();
  const bits = bitsOf(dst);
  for (let i = 0; i < src.length; i++) bits[i] = table[src[i]!]!;
  return dst;
}

/** Rounds to nearest, ties to even; overflow becomes infinity, a NaN stays a (quiet) NaN. */
export function f32ToF16(src: Float32Array, dst = new Uint16Array(src.length)): Uint16Array {
  const bits = bitsOf(src);
  for (let i = 0; i < src.length; i++) dst[i] = f16BitsOf(bits[i]!);
  return dst;
}

/** Float64 to float32 rounds once, to nearest even, as the hardware does. */
function f64ToF32(src: Float64Array, dst = new Float32Array(src.length)): Float32Array {
  dst.set(src);
  return dst;
}

/**
 * Little-endian bytes of a tensor as float32. `bytes` may start anywhere in its buffer; the result is a copy unless
 * the dtype is F32 and the bytes are aligned.
 */
export function bytesToF32(bytes: Uint8Array, dtype: FloatDtype): Float32Array {
  const width = DTYPE_BYTES[dtype];
  const aligned = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  const count = bytes.byteLength / width;
  switch (dtype) {
    case 'F32':
      return new Float32Array(aligned.buffer, aligned.byteOffset, count);
    case 'F64':
      return f64ToF32(new Float64Array(aligned.buffer, aligned.byteOffset, count));
    case 'F16':
      return f16ToF32(new Uint16Array(aligned.buffer, aligned.byteOffset, count));
    case 'BF16':
      return bf16ToF32(new Uint16Array(aligned.buffer, aligned.byteOffset, count));
  }
}

/** Float32 values as the little-endian bytes of `dtype` (a view, not a copy, for F32). */
export function f32ToBytes(values: Float32Array, dtype: FloatDtype): Uint8Array {
  switch (dtype) {
    case 'F32':
      return bytesOf(values);
    case 'F64':
      return bytesOf(Float64Array.from(values));
    case 'F16':
      return bytesOf(f32ToF16(values));
    case 'BF16':
      return bytesOf(f32ToBf16(values));
  }
}

/** The memory of a typed array as bytes, without a copy. */
export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

let table: Uint32Array | undefined;

function f16Table(): Uint32Array {
  if (table !== undefined) return table;
  table = new Uint32Array(65536);
  for (let half = 0; half < 65536; half++) table[half] = f32BitsOfF16(half);
  return table;
}

function f32BitsOfF16(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal: shift the leading one into the hidden position of float32.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

function f16BitsOf(x: number): number {
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >>> 13) & 0x1ff);
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above round to infinity
  if (magnitude >= 0x38800000) {
    const rebased = magnitude - 0x38000000;
    return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
  }
  if (magnitude <= 0x33000000) return sign; // 2^-25 and below round to zero (the tie goes to even zero)
  const shift = 126 - (magnitude >>> 23); // 14..24: bits lost from the 24-bit significand
  const significand = (magnitude & 0x7fffff) | 0x800000;
  const kept = significand >>> shift;
  const lost = significand & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (kept + (lost > half || (lost === half && (kept & 1) === 1) ? 1 : 0));
}
