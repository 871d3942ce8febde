import { expect, it } from 'vitest';
import { LengthCounter } from './length-histogram.ts';

function counted(lengths: readonly number[]) {
  const counter = new LengthCounter();
  for (const length of lengths) counter.add(length);
  return counter.histogram();
}

it('counts every row once, in bars of round and equal width', () => {
  const { edges, counts } = counted(Array.from({ length: 1000 }, (_, i) => 7 + (i % 300)));
  expect(edges.length - 1).toBe(counts.length);
  expect(counts.length).toBeLessThanOrEqual(40);
  expect(counts.reduce((sum, each) => sum + each, 0)).toBe(1000);
  expect(new Set(edges.slice(1, -1).map((edge, i) => edge - edges[i]!))).toEqual(new Set([10]));
});

it('keeps the few that are far longer from squeezing the rest into one bar', () => {
  const { edges, counts } = counted([...Array.from({ length: 999 }, (_, i) => 1 + (i % 40)), 1_000_000]);
  expect(counts.filter((count) => count > 0).length).toBeGreaterThan(10);
  expect([counts.at(-1), edges.at(-1)]).toEqual([1, 1_000_001]);
});

it('has a bar for rows of one length, and none for no rows', () => {
  expect(counted([5, 5])).toEqual({ edges: [5, 6], counts: [2] });
  expect(counted([])).toEqual({ edges: [], counts: [] });
});
