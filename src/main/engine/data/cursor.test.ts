import { expect, test } from 'vitest';
import { DataCursor, planSteps, type DataOrder } from './cursor.ts';

const order = (rows: number, batch: number, accumulation: number): DataOrder => ({
  rows,
  perDeviceTrainBatchSize: batch,
  gradientAccumulationSteps: accumulation,
  seed: 42,
});

// Spec section 5.1, run on the reference stack: (n, batch, accumulation, epochs) -> steps.
test.each([
  [10, 3, 4, 1, 1],
  [10, 3, 2, 1.5, 3],
  [5, 1, 2, 2, 6],
  [3, 4, 8, 1, 1],
])('(%i, %i, %i, %d) takes %i steps', (n, batch, accumulation, epochs, steps) => {
  expect(planSteps(order(n, batch, accumulation), { epochs }).totalSteps).toBe(steps);
});

test('a number of steps overrules epochs', () => {
  expect(planSteps(order(10, 3, 2), { epochs: 1, maxSteps: 20 }).totalSteps).toBe(20);
});

test('an epoch visits every row once; short micro-batch and short window come last', () => {
  const cursor = new DataCursor(order(10, 3, 3));
  const windows = [cursor.next(), cursor.next()];
  expect(windows.map((w) => w.microBatches.map((rows) => rows.length))).toEqual([[3, 3, 3], [1]]);
  expect(windows.flatMap((w) => w.microBatches.flatMap((rows) => [...rows])).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(cursor.position).toEqual({ epoch: 1, microBatch: 0 });
});

test('epoch e is torch.randperm seeded with (dataSeed ?? seed) + e', () => {
  const first = new DataCursor(order(5, 5, 1)).next();
  expect([...first.microBatches[0]!]).toEqual([2, 4, 3, 0, 1]);
  const cursor = new DataCursor({ ...order(10, 10, 1), dataSeed: 42 });
  cursor.next();
  expect([...cursor.next().microBatches[0]!]).toEqual([8, 4, 9, 0, 5, 1, 6, 7, 2, 3]);
});

test('a resumed run goes on exactly as the uninterrupted one', () => {
  const whole = new DataCursor(order(23, 2, 3));
  for (let i = 0; i < 6; i++) whole.next();
  const resumed = new DataCursor(order(23, 2, 3), JSON.parse(JSON.stringify(whole.position)));
  for (let i = 0; i < 9; i++) expect(resumed.next()).toEqual(whole.next());
});

test('a position outside an epoch is refused', () => {
  expect(() => new DataCursor(order(10, 3, 1), { epoch: 0, microBatch: 4 })).toThrow(RangeError);
});
