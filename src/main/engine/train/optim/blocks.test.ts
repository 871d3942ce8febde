import { expect, it } from 'vitest';
import { flatLayout } from '../flat-layout.ts';
import { blocksOf } from './blocks.ts';

const of = (...shapes: readonly (readonly number[])[]) =>
  blocksOf(flatLayout(shapes.map((shape, i) => [`t${i}`, shape] as const)).entries).map(({ count, entries }) => [
    count,
    entries.map(({ name }) => name).join(' '),
  ]);

it('finds the layers between what stands before and after them', () => {
  const layer = [
    [4, 2],
    [2, 4],
    [4, 2],
    [2, 3],
  ];
  expect(of([9, 4], ...layer, ...layer, ...layer, [4], [9, 4])).toEqual([
    [1, 't0'],
    [3, 't1 t2 t3 t4'],
    [1, 't13'],
    [1, 't14'],
  ]);
});

it('a layer that is cut short is not one more', () => {
  expect(of([4, 2], [2, 4], [4, 2], [2, 4], [4, 2])).toEqual([
    [2, 't0 t1'],
    [1, 't4'],
  ]);
  expect(of([3], [3], [3])).toEqual([[3, 't0']]);
  expect(of()).toEqual([]);
});
