import { expect, test } from 'vitest';
import { collate } from './collate.ts';

const row = (ids: number[], labels: number[]) => ({ inputIds: Int32Array.from(ids), labels: Int32Array.from(labels) });

test('pads right to a bucket and lists the labelled positions before the shift', () => {
  const batch = collate([row([5, 6, 7], [-100, 6, 7]), row([8, 9], [8, -100])], { padId: 0, bucketMultiple: 4 });
  expect(batch).toEqual({
    batch: 2,
    tokens: 4,
    inputIds: Int32Array.of(5, 6, 7, 0, 8, 9, 0, 0),
    labels: Int32Array.of(-100, 6, 7, -100, 8, -100, -100, -100),
    lengths: Int32Array.of(3, 2),
    targetCount: 2,
    labelledPositions: Int32Array.of(0, 1),
    targetIds: Int32Array.of(6, 7),
  });
});

test('a label at position 0 is nobody\'s target, also after a full row', () => {
  const batch = collate([row([1, 2], [1, 2]), row([3, 4], [3, 4])], { padId: 0, bucketMultiple: 1 });
  expect([...batch.labelledPositions]).toEqual([0, 2]);
  expect([...batch.targetIds]).toEqual([2, 4]);
});

test('refuses what is no batch', () => {
  expect(() => collate([], { padId: 0, bucketMultiple: 1 })).toThrow(RangeError);
  expect(() => collate([row([1], [])], { padId: 0, bucketMultiple: 1 })).toThrow(RangeError);
});
