import { expect, it } from 'vitest';
import type { MetricColumns } from '../../shared/domain/run-record.ts';
import { RunCurves } from './run-curves.ts';

function points(from: number, to: number, loss = (step: number) => 10 / step): MetricColumns {
  const step = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  return { step, values: { loss: step.map(loss), grad_norm: step } };
}

it('goes back with the run, and smooths the same whether points came at once or bit by bit', () => {
  const bit = new RunCurves();
  bit.apply({ kind: 'metrics', columns: points(1, 6) });
  bit.smoothed(0.9);
  bit.apply({ kind: 'rewind', afterStep: 4 });
  expect(bit.step).toEqual([1, 2, 3, 4]);
  bit.apply({ kind: 'metrics', columns: points(5, 9, () => 1) });
  const once = new RunCurves();
  once.apply({ kind: 'metrics', columns: points(1, 4) });
  once.apply({ kind: 'metrics', columns: points(5, 9, () => 1) });
  expect([bit.step, bit.column('loss'), bit.column('grad_norm')]).toEqual([once.step, once.column('loss'), once.column('grad_norm')]);
  bit.smoothed(0.9).forEach((value, i) => expect(value).toBeCloseTo(once.smoothed(0.9)[i]!, 12));
});

it('smooths without a bias at the start: the first value is the first loss, a constant stays itself', () => {
  const curves = new RunCurves();
  curves.apply({ kind: 'metrics', columns: points(1, 50, () => 3) });
  for (const value of curves.smoothed(0.97)) expect(value).toBeCloseTo(3, 10);
  expect(curves.smoothed(0)).toEqual(curves.column('loss'));
});

it('keeps columns of one length, whenever a metric comes up and wherever it is missing', () => {
  const curves = new RunCurves();
  const rare = 'tokens_per_second';
  curves.apply({ kind: 'metrics', columns: points(1, 2) });
  curves.apply({ kind: 'metrics', columns: { step: [3, 4], values: { loss: [1, null], [rare]: [null, 7] } } });
  curves.apply({ kind: 'metrics', columns: { step: [5], values: { grad_norm: [2] } } });
  expect(curves.column('loss')).toEqual([10, 5, 1, null, null]);
  expect(curves.column('grad_norm')).toEqual([1, 2, null, null, 2]);
  expect(curves.column(rare)).toEqual([null, null, null, 7, null]);
  expect([curves.first(rare), curves.last('loss'), curves.last('learning_rate')]).toEqual([7, 1, null]);
});
