import { describe, expect, it } from 'vitest';
import { scheduleFactor, warmupSteps } from './schedule.ts';

describe('learning-rate schedules (values of spec 5.4, run on transformers 5.18)', () => {
  const factors = (name: Parameters<typeof scheduleFactor>[0]) => Array.from({ length: 11 }, (_, k) => scheduleFactor(name, k, 2, 10));

  it('linear', () => {
    expect(factors('linear')).toEqual([0, 0.5, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0]);
  });

  it('cosine', () => {
    const expected = [0, 0.5, 1, 0.96194, 0.853553, 0.691342, 0.5, 0.308658, 0.146447, 0.03806, 0];
    factors('cosine').forEach((factor, k) => expect(factor).toBeCloseTo(expected[k]!, 5));
  });

  it('constant ignores warm-up, constant_with_warmup does not', () => {
    expect(factors('constant').every((factor) => factor === 1)).toBe(true);
    expect(factors('constant_with_warmup').slice(0, 4)).toEqual([0, 0.5, 1, 1]);
  });

  it('a fraction of the run is rounded up, a count floored', () => {
    expect(warmupSteps(0.03, 101)).toBe(4);
    expect(warmupSteps(2.9, 101)).toBe(2);
    expect(warmupSteps(0, 101)).toBe(0);
  });
});
