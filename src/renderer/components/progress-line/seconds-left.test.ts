import { expect, it } from 'vitest';
import { rateStart, secondsLeft, type RateStart } from './seconds-left.ts';

/** As a line that stands through several kinds of work: `[seconds, done, total]` one after the other. */
function told(reports: readonly (readonly [number, number, number])[]): readonly (number | null)[] {
  let first: RateStart | null = null;
  return reports.map(([now, done, total]) => {
    first = rateStart(first, done, total, now);
    return secondsLeft(first, done, total, now);
  });
}

it('takes no rate over from the work before: 20 s of compiling do not make 265 steps last half an hour', () => {
  expect(
    told([
      [0, 0, 3],
      [20, 3, 3],
      [20.5, 1, 265],
      [22.5, 5, 265],
    ]),
  ).toEqual([null, null, null, 130]);
});

it('says nothing of time left where nothing is left', () => {
  expect(
    told([
      [0, 0, 10],
      [5, 10, 10],
    ]),
  ).toEqual([null, null]);
});
