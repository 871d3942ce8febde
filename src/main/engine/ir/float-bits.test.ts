import { describe, expect, test } from 'vitest';
import { decodeHalfs, encodeHalfs, halfFromBits, halfToBits, roundToHalf, type HalfDType } from './float-bits.ts';

const ALL_BITS = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

/** The two representable neighbours of x found by search over all positive values: an oracle that shares no arithmetic. */
function nearest(dtype: HalfDType, positive: Float32Array, x: number): number {
  let [low, high] = [0, positive.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (positive[middle]! <= x) low = middle;
    else high = middle;
  }
  const [below, above] = [x - positive[low]!, positive[high]! - x];
  const lower = below < above || (below === above && low % 2 === 0);
  return positive[lower ? low : high]!;
}

describe.each(['bf16', 'f16'] as const)('%s', (dtype) => {
  test('every bit pattern survives a round trip through numbers', () => {
    const numbers = decodeHalfs(dtype, ALL_BITS);
    const back = encodeHalfs(dtype, numbers);
    const changed = ALL_BITS.filter((bits) => !Number.isNaN(numbers[bits]!) && back[bits] !== bits);
    expect([...changed]).toEqual([]);
    expect(ALL_BITS.filter((bits) => !Object.is(numbers[bits], halfFromBits(dtype, bits)))).toHaveLength(0);
  });

  test('rounds to the nearest, ties to even, subnormals included', () => {
    const infinity = dtype === 'bf16' ? 0x7f80 : 0x7c00;
    const positive = decodeHalfs(dtype, ALL_BITS.subarray(0, infinity));
    for (let i = 0; i < infinity - 1; i += 37) {
      const [low, high] = [positive[i]!, positive[i + 1]!];
      for (const part of [0.25, 0.5, 0.75]) {
        const x = low + (high - low) * part;
        expect(roundToHalf(dtype, x)).toBe(nearest(dtype, positive, x));
        expect(roundToHalf(dtype, -x)).toBe(-nearest(dtype, positive, x));
      }
    }
  });
});

test('known values, overflow, NaN and signed zeros', () => {
  expect([1, -2, 65504, 65519.99, 65520, -Infinity, 2 ** -24, 2 ** -25, -0].map((x) => halfToBits('f16', x))).toEqual([
    0x3c00, 0xc000, 0x7bff, 0x7bff, 0x7c00, 0xfc00, 1, 0, 0x8000,
  ]);
  expect([1, 3.14, -0, 1e39, 2 ** -133].map((x) => halfToBits('bf16', x))).toEqual([0x3f80, 0x4049, 0x8000, 0x7f80, 1]);
  expect(halfFromBits('bf16', halfToBits('bf16', NaN))).toBeNaN();
  expect(halfFromBits('f16', halfToBits('f16', NaN))).toBeNaN();
  // A double just above a tie of bf16 that f32 would round onto the tie: rounding is straight from float64.
  expect(roundToHalf('bf16', 1 + 2 ** -8 + 2 ** -40)).toBe(1 + 2 ** -7);
});
