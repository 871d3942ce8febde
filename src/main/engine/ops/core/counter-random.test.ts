import { expect, test } from 'vitest';
import { drawKey, drawUniform } from './counter-random.ts';

const COUNT = 1 << 16;

function draws(seed: number, step: number, stream: number): Float64Array {
  const key = drawKey(seed, step, stream);
  return Float64Array.from({ length: COUNT }, (_, i) => drawUniform(key, i));
}

/** The definition of ir/op-types.ts once more, in BigInt: what a backend with 64-bit integers computes. */
function byDefinition(seed: number, step: number, stream: number, index: number): number {
  const mask = 0xffffffffn;
  const u32 = (x: number) => BigInt(x) & mask;
  const mix = (x: bigint) => {
    let h = ((x ^ (x >> 15n)) * 0x2c1b3c6dn) & mask;
    h = ((h ^ (h >> 12n)) * 0x297a2d39n) & mask;
    return h ^ (h >> 15n);
  };
  const key = mix(mix(mix(u32(seed) ^ 0x9e3779b9n) ^ u32(step)) ^ u32(stream));
  return Number(mix(mix(u32(index)) ^ key) >> 8n) * 2 ** -24;
}

test('follows the definition, negative seeds included', () => {
  for (const seed of [0, 1, 42, -1, -(2 ** 31), 2 ** 31 - 1]) {
    for (const [step, stream, index] of [
      [0, 0, 0],
      [1, 0, 1],
      [7, 3, 4096],
      [1000, 167, 2 ** 30],
    ] as const) {
      expect(drawUniform(drawKey(seed, step, stream), index)).toBe(byDefinition(seed, step, stream, index));
    }
  }
});

test('mean, variance and 256 equal bins are those of a uniform distribution', () => {
  const sample = draws(42, 3, 1);
  const mean = sample.reduce((sum, x) => sum + x) / COUNT;
  const variance = sample.reduce((sum, x) => sum + (x - mean) ** 2, 0) / COUNT;
  // Five standard errors: 1 / sqrt(12 n) and sqrt(1 / 180 / n).
  expect(Math.abs(mean - 0.5)).toBeLessThan(5 / Math.sqrt(12 * COUNT));
  expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 / Math.sqrt(180 * COUNT));
  const bins = new Float64Array(256);
  for (const x of sample) bins[Math.floor(x * 256)]! += 1;
  const chiSquare = bins.reduce((sum, count) => sum + (count - COUNT / 256) ** 2 / (COUNT / 256), 0);
  // 255 degrees of freedom: mean 255, standard deviation sqrt(510).
  expect(Math.abs(chiSquare - 255)).toBeLessThan(5 * Math.sqrt(510));
});

test('neighbouring seeds, steps, streams and elements are uncorrelated', () => {
  const base = draws(42, 3, 1);
  const others = [draws(43, 3, 1), draws(42, 4, 1), draws(42, 3, 2), Float64Array.from(base, (_, i) => base[(i + 1) % COUNT]!)];
  for (const other of others) {
    const covariance = base.reduce((sum, x, i) => sum + (x - 0.5) * (other[i]! - 0.5), 0) / COUNT;
    expect(Math.abs(covariance * 12)).toBeLessThan(5 / Math.sqrt(COUNT));
  }
});
