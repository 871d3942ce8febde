import { expect, it } from 'vitest';
import { scrollTopFor, trackHeight, virtualTopOf } from './scroll-track.ts';

it.each([
  [10, 'fits'],
  [100_000, 'its own length'],
  [1_000_000, 'a shortened track'],
  [50_000_000, 'a very short track'],
])('%i rows (%s): the ends are reached, and each row can be scrolled to', (total) => {
  const [view, row] = [600, 36];
  const most = Math.max(0, trackHeight(total, row) - view);
  expect(virtualTopOf(0, view, total, row)).toBe(0);
  expect(virtualTopOf(most, view, total, row)).toBeCloseTo(Math.max(0, total * row - view), 3);
  for (const position of [0, 1, Math.floor(total / 3), Math.max(0, total - 20)]) {
    const top = scrollTopFor(position, view, total, row);
    expect(virtualTopOf(top, view, total, row) / row).toBeCloseTo(position, 3);
  }
  expect(trackHeight(total, row)).toBeLessThan(10_000_000);
});
