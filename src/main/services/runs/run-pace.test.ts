import type { MetricPoint } from '../../../shared/domain/metrics.ts';
import { expect, it } from 'vitest';
import { paceOf } from './run-pace.ts';

function rows(...ends: readonly number[]): readonly MetricPoint[] {
  return ends.map((elapsed, i): MetricPoint => ({ step: i + 1, values: { num_tokens: 100 * (i + 1), elapsed_seconds: elapsed } })).toReversed();
}

it('says nothing until two steps after the first are done, then leaves compiling and the slow first step out', () => {
  // 40 s of loading and compiling, a first step of 3 s, then half a second each.
  expect(paceOf(rows(43), 0)).toBeNull();
  expect(paceOf(rows(43, 43.5), 0)).toBeNull();
  expect(paceOf(rows(43, 43.5, 44), 0)).toEqual({ secondsPerStep: 0.5, tokensPerSecond: 200 });
});

it('does not reckon across a resume: the clock began anew', () => {
  const [five, four, three, ...earlier] = rows(43, 43.5, 21, 21.5, 22);
  expect(paceOf([five!, four!, three!, ...earlier], 2)).toEqual({ secondsPerStep: 0.5, tokensPerSecond: 200 });
  expect(paceOf([four!, three!, ...earlier], 2)).toBeNull();
});
