import { Mt19937 } from './mt19937.ts';

/** From here on torch draws 64-bit numbers and the order would differ (spec section 0). */
const MAX_ROWS = Math.floor(2 ** 32 / 20);

/**
 * `torch.randperm(n)` of a CPU generator seeded with `seed`, bit for bit.
 * @throws RangeError for n >= 2^32/20 (214 million rows).
 */
export function randperm(n: number, seed: number): Uint32Array {
  if (!Number.isInteger(n) || n < 0 || n >= MAX_ROWS) throw new RangeError(`[shuffle] rows must be in [0, ${MAX_ROWS}), got ${n}`);
  const generator = new Mt19937(seed);
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < n - 1; i++) {
    const j = i + (generator.nextUint32() % (n - i));
    const held = order[i] as number;
    order[i] = order[j] as number;
    order[j] = held;
  }
  return order;
}

/** Seed of epoch `epoch` (0-based): accelerate's seedable sampler. */
export function epochSeed(seed: number, dataSeed: number | undefined, epoch: number): number {
  return (dataSeed ?? seed) + epoch;
}
