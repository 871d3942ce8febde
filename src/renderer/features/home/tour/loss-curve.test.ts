import { describe, expect, it } from 'vitest';
import type { RunWatchUpdate } from '../../../../shared/domain/run-record.ts';
import { lossCurve, NO_CURVE, smoothed } from './loss-curve.ts';

const metrics = (step: readonly number[], loss: readonly number[]): RunWatchUpdate => ({ kind: 'metrics', columns: { step, loss, epoch: [], gradNorm: [], learningRate: [], tokensPerSecond: [] } });

describe('lossCurve', () => {
  it('grows by batches and drops what a resumed run takes back', () => {
    const updates = [metrics([1, 2, 3], [3, 2, 1]), { kind: 'rewind', afterStep: 2 } as const, metrics([3], [1.5])];
    expect(updates.reduce(lossCurve, NO_CURVE)).toEqual({ step: [1, 2, 3], loss: [3, 2, 1.5] });
  });

  it('smooths without starting at zero', () => {
    expect(smoothed([2, 2, 2]).map((value) => Math.round(value * 1e9) / 1e9)).toEqual([2, 2, 2]);
    expect(smoothed([4, 0])[1]).toBeGreaterThan(1);
  });
});
