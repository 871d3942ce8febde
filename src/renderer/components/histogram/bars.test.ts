import { expect, it } from 'vitest';
import { barsOf, placeOf, ticksOf } from './bars.ts';

const EVEN = barsOf([0, 10, 20, 30], [1, 2, 3]);
/** As the engine gives it: bins of 2, and one from 88 to 10,049. */
const FAR = barsOf([80, 82, 84, 86, 88, 10_049], [5, 9, 4, 2, 1]);

it('draws bins of equal width side by side', () => {
  expect(EVEN.map(({ x, outlier }) => [x, outlier])).toEqual([
    [0, false],
    [1 / 3, false],
    [2 / 3, false],
  ]);
});

it('rows that are all of one length are a bar, not a wall', () => {
  const [bar] = barsOf([54, 55], [60]);
  expect([bar!.x, bar!.width]).toEqual([0, 0.125]);
  expect(ticksOf([bar!]).map(({ value, x }) => [value, x])).toEqual([
    [54, 0],
    [55, 0.125],
  ]);
});

it('a bin of the few that are far longer stands apart from the others', () => {
  expect(FAR.map(({ outlier }) => outlier)).toEqual([false, false, false, false, true]);
  const [before, far] = FAR.slice(-2);
  expect(far!.x).toBeGreaterThan(before!.x + before!.width + 0.05);
  expect(far!.x + far!.width).toBeCloseTo(1);
});

it('puts a value where it lies, in the gap where the range says nothing, and nowhere beyond', () => {
  expect(placeOf(15, EVEN)).toBeCloseTo(0.5);
  expect([placeOf(0, EVEN), placeOf(30, EVEN), placeOf(31, EVEN), placeOf(-1, EVEN), placeOf(1, [])]).toEqual([0, 1, null, null, null]);
  const inGap = placeOf(1024, FAR)!;
  expect(inGap).toBeGreaterThan(FAR[3]!.x + FAR[3]!.width);
  expect(inGap).toBeLessThan(FAR[4]!.x);
});

it('writes several values under the axis, its ends among them, and none on top of another', () => {
  const many = barsOf(
    Array.from({ length: 41 }, (_, i) => i * 5),
    Array.from({ length: 40 }, () => 1),
  );
  const ticks = ticksOf(many);
  expect(ticks.map(({ value }) => value)).toEqual([0, 50, 100, 150, 200]);
  expect(ticksOf(FAR).map(({ value }) => value)).toEqual([80, 82, 84, 86, 88]);
  expect(ticksOf([])).toEqual([]);
});
