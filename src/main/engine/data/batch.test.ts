import { expect, test } from 'vitest';
import { fillBatch } from './batch.ts';

const row = (ids: number[], labels: number[], segments?: number[]) => ({ inputIds: Int32Array.from(ids), labels: Int32Array.from(labels), segments });

test('pads right to its bucket and lists the labelled positions before the shift', () => {
  const bucket = { batch: 3, length: 4, rows: 3 };
  expect(fillBatch([row([5, 6, 7], [-100, 6, 7]), row([8, 9], [8, -100])], bucket, 1)).toEqual({
    batch: {
      bucket,
      ids: Int32Array.of(5, 6, 7, 1, 8, 9, 1, 1, 1, 1, 1, 1),
      rows: Int32Array.of(0, 1, 0),
      targets: Int32Array.of(6, 7, -100),
    },
    targets: 2,
    tokens: 5,
  });
});

test("a label at position 0 is nobody's target, also after a full row", () => {
  const { batch } = fillBatch([row([1, 2], [1, 2]), row([3, 4], [3, 4])], { batch: 2, length: 2, rows: 2 }, 0);
  expect([...batch.rows]).toEqual([0, 2]);
  expect([...batch.targets]).toEqual([2, 4]);
});

test("segments count from 0, see themselves and do not predict each other's first token", () => {
  const bucket = { batch: 2, length: 6, rows: 4, segmented: true };
  const { batch, targets, tokens } = fillBatch([row([5, 6, 7, 8, 9], [5, 6, 7, 8, 9], [2, 3]), row([3, 4], [3, 4])], bucket, 0);
  expect([...batch.segments!.positions]).toEqual([0, 1, 0, 1, 2, 0, 0, 1, 0, 0, 0, 0]);
  expect([...batch.segments!.first]).toEqual([0, 0, 2, 2, 2, 5, 0, 0, 2, 3, 4, 5]);
  expect([...batch.segments!.last]).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
  expect([...batch.rows]).toEqual([0, 2, 3, 6]);
  expect([...batch.targets]).toEqual([6, 8, 9, 4]);
  expect([targets, tokens]).toEqual([4, 7]);
});

test('refuses what does not fit', () => {
  const bucket = { batch: 1, length: 2, rows: 1 };
  expect(() => fillBatch([], bucket, 0)).toThrow('0 rows');
  expect(() => fillBatch([row([1], [1]), row([1], [1])], bucket, 0)).toThrow('2 rows');
  expect(() => fillBatch([row([1], [])], bucket, 0)).toThrow('1 ids but 0 labels');
  expect(() => fillBatch([row([1, 2, 3], [-100, -100, 3])], bucket, 0)).toThrow('a row of 3 tokens');
  expect(() => fillBatch([row([1, 2], [1, 2]), row([1, 2], [1, 2])], { ...bucket, batch: 2 }, 0)).toThrow('more than 1 targets');
  expect(() => fillBatch([row([1, 2], [1, 2], [1])], bucket, 0)).toThrow('segments of 1 tokens');
});
