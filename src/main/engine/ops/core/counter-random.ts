/** @file The counter-based random numbers that `random` of `ir/op-types.ts` defines; u32 arithmetic throughout. */

/** An invertible u32 hash in the form of lowbias32 (C. Wellons, "Prospecting for hash functions", 2018), factors below 2^31. */
function mix(x: number): number {
  let h = x;
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/** What one tensor's draws have in common. */
export function drawKey(seed: number, step: number, stream: number): number {
  return mix(mix(mix(seed ^ 0x9e3779b9) ^ step) ^ stream);
}

/** Uniform in [0, 1), a multiple of 2^-24. */
export function drawUniform(key: number, index: number): number {
  return (mix(mix(index) ^ key) >>> 8) * 2 ** -24;
}
