/** @file bf16 and f16 as bits and as numbers: rounding to nearest even straight from float64, infinities and NaN kept. */
import type { DType } from './dtype.ts';

/** Float dtypes of 16 bits, which JavaScript holds as raw bits in a Uint16Array. */
export type HalfDType = 'bf16' | 'f16';

interface HalfFormat {
  /** Bits of the fraction. */
  readonly fraction: number;
  /** Exponent of the smallest normal number; also the exponent bias, less one, negated. */
  readonly minExponent: number;
  readonly max: number;
}

const FORMATS: { readonly [K in HalfDType]: HalfFormat } = {
  bf16: { fraction: 7, minExponent: -126, max: (2 - 2 ** -7) * 2 ** 127 },
  f16: { fraction: 10, minExponent: -14, max: 65504 },
};

export function isHalf(dtype: DType): dtype is HalfDType {
  return dtype === 'bf16' || dtype === 'f16';
}

const f64 = new Float64Array(1);
const f64Words = new Uint32Array(f64.buffer);

/** floor(log2(|x|)) of a normal float64; below -1022 for smaller ones, which is all the callers need. */
function exponentOf(x: number): number {
  f64[0] = x;
  return ((f64Words[1]! >>> 20) & 0x7ff) - 1023;
}

/** The nearest number of the format, ties to even; infinite from halfway past the largest. */
export function roundToHalf(dtype: HalfDType, x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x;
  const { fraction, minExponent, max } = FORMATS[dtype];
  const quantum = 2 ** (Math.max(exponentOf(x), minExponent) - fraction);
  // The quotient is exact and below 2^11; adding 1.5 * 2^52 leaves no fraction bits, so the sum rounds it to an integer, ties to even.
  const shift = 1.5 * 2 ** 52;
  const rounded = (x / quantum + shift - shift) * quantum;
  if (rounded === 0) return x < 0 ? -0 : 0;
  return Math.abs(rounded) > max ? Math.sign(x) * Infinity : rounded;
}

/** Raw bits of the nearest number of the format; NaN becomes the quiet NaN. */
export function halfToBits(dtype: HalfDType, x: number): number {
  const { fraction, minExponent } = FORMATS[dtype];
  const infinity = 0x7fff & ~((1 << fraction) - 1);
  if (Number.isNaN(x)) return infinity | (1 << (fraction - 1));
  const rounded = roundToHalf(dtype, x);
  const sign = rounded < 0 || Object.is(rounded, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(rounded);
  if (magnitude === Infinity) return sign | infinity;
  // Consecutive floats have consecutive bits: each exponent holds 2^fraction of them, and subnormals precede exponent 1.
  const exponent = Math.max(exponentOf(magnitude), minExponent);
  const steps = magnitude / 2 ** (exponent - fraction);
  return sign | ((exponent - minExponent) * 2 ** fraction + steps);
}

/** The number that 16 bits stand for. */
export function halfFromBits(dtype: HalfDType, bits: number): number {
  const { fraction, minExponent } = FORMATS[dtype];
  const sign = bits & 0x8000 ? -1 : 1;
  const magnitude = bits & 0x7fff;
  const exponent = magnitude >>> fraction;
  const significand = magnitude & ((1 << fraction) - 1);
  if (exponent === 0x7fff >>> fraction) return significand === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * significand * 2 ** (minExponent - fraction);
  return sign * (significand + 2 ** fraction) * 2 ** (exponent - 1 + minExponent - fraction);
}

/** Raw bits to f32, exactly. */
export function decodeHalfs(dtype: HalfDType, bits: Uint16Array): Float32Array {
  const result = new Float32Array(bits.length);
  if (dtype === 'bf16') {
    const words = new Uint32Array(result.buffer);
    for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  } else {
    for (let i = 0; i < bits.length; i++) result[i] = halfFromBits(dtype, bits[i]!);
  }
  return result;
}

/** Numbers to raw bits, rounded to nearest even. */
export function encodeHalfs(dtype: HalfDType, values: ArrayLike<number>): Uint16Array {
  const result = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = halfToBits(dtype, values[i]!);
  return result;
}
