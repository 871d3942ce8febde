import { expect, it } from 'vitest';
import { Smoothed, smoothingFor, windowOf } from './smoothing.ts';

function smoothed(values: readonly (number | null)[], weight: number): readonly (number | null)[] {
  return new Smoothed(weight).extend(values);
}

it('looks back over a share of the run, so that a short one is not drawn by where it began', () => {
  expect([1, 20, 40].map(smoothingFor)).toEqual([0, 0, 0]);
  expect([80, 400, 2000, 100_000].map((steps) => windowOf(smoothingFor(steps)))).toEqual([2, 10, 50, 100]);
  // The review's run: at step 20 of 60 the loss was 0.19 after a start at 4.6, and 0.69 was drawn.
  const losses = Array.from({ length: 20 }, (_, i) => 4.6 * (0.19 / 4.6) ** (i / 19));
  expect(smoothed(losses, 0.9).at(-1)).toBeGreaterThan(0.6);
  expect(smoothed(losses, smoothingFor(60)).at(-1)).toBeLessThan(0.3);
});

it('weighs what has been seen by one in all: the mean of two, and of what came before', () => {
  // Weights 0.25/0.75 of the two, by hand from (0.75 * 0.25 * 8 + 0.25 * 4) with past 0.75, over 1 - 0.75^2.
  expect(smoothed([8, 4], 0.75)[1]).toBeCloseTo((0.75 * 0.25 * 8 + 0.25 * 4) / (1 - 0.75 ** 2), 12);
  expect(smoothed([3, 1, 2], 0)).toEqual([3, 1, 2]);
});

it('leaves gaps where they are, and what follows as if there were none', () => {
  const dense = smoothed([8, 4, 6], 0.75);
  expect(smoothed([null, 8, null, null, 4, 6], 0.75)).toEqual([null, dense[0], null, null, dense[1], dense[2]]);
});
