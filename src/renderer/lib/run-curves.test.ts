import { expect, it } from 'vitest';
import type { MetricColumns } from '../../shared/domain/run-record.ts';
import { RunCurves } from './run-curves.ts';

function points(from: number, to: number, loss = (step: number) => 10 / step): MetricColumns {
  const step = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  return { step, epoch: step.map((n) => n / 10), loss: step.map(loss), gradNorm: step, learningRate: step, tokensPerSecond: step };
}

it('goes back with the run, and smooths the same whether points came at once or bit by bit', () => {
  const bit = new RunCurves();
  bit.apply({ kind: 'metrics', columns: points(1, 6) });
  bit.smoothedLoss(0.9);
  bit.apply({ kind: 'rewind', afterStep: 4 });
  expect(bit.columns.step).toEqual([1, 2, 3, 4]);
  bit.apply({ kind: 'metrics', columns: points(5, 9, () => 1) });
  const once = new RunCurves();
  once.apply({ kind: 'metrics', columns: points(1, 4) });
  once.apply({ kind: 'metrics', columns: points(5, 9, () => 1) });
  expect(bit.columns).toEqual(once.columns);
  bit.smoothedLoss(0.9).forEach((value, i) => expect(value).toBeCloseTo(once.smoothedLoss(0.9)[i]!, 12));
});

it('smooths without a bias at the start: the first value is the first loss, a constant stays itself', () => {
  const curves = new RunCurves();
  curves.apply({ kind: 'metrics', columns: points(1, 50, () => 3) });
  for (const value of curves.smoothedLoss(0.97)) expect(value).toBeCloseTo(3, 10);
  expect(curves.smoothedLoss(0)).toEqual(curves.columns.loss);
});
