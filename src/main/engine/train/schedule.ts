import { assertNever } from '../../../shared/lib/assert-never.ts';

export type ScheduleName = 'linear' | 'cosine' | 'constant' | 'constant_with_warmup';

/**
 * Factor f(k) on the base learning rate for optimizer step k (0-based), as transformers 5.18 (spec 5.4): with warm-up the
 * first step has rate 0.
 * @param warmup steps of linear warm-up; ignored by `constant`
 * @param total optimizer steps of the run
 */
export function scheduleFactor(name: ScheduleName, k: number, warmup: number, total: number): number {
  if (name !== 'constant' && k < warmup) return k / Math.max(1, warmup);
  switch (name) {
    case 'constant':
    case 'constant_with_warmup':
      return 1;
    case 'linear':
      return Math.max(0, (total - k) / Math.max(1, total - warmup));
    case 'cosine':
      return Math.max(0, 0.5 * (1 + Math.cos((Math.PI * (k - warmup)) / Math.max(1, total - warmup))));
    default:
      return assertNever(name);
  }
}

/** `warmup_steps` as transformers 5 reads it: 1 or more is a count (floored), between 0 and 1 a share of the run (rounded up). */
export function warmupSteps(value: number, total: number): number {
  return value >= 1 ? Math.floor(value) : Math.ceil(value * total);
}
