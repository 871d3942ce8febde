import { describe, expect, it } from 'vitest';
import { bucketFor, planBuckets } from './buckets.ts';

const size = (length: number, rows = length) => ({ length, rows });

describe('planBuckets', () => {
  it('one shape where all micro-batches are alike', () => {
    expect(planBuckets([size(30), size(31), size(32)], { batch: 2 }, 16, 0.5)).toEqual([{ batch: 2, length: 32, rows: 32 }]);
  });

  it('splits where it saves work, and not beyond the limit', () => {
    const sizes = [...Array.from({ length: 50 }, () => size(16)), ...Array.from({ length: 50 }, () => size(512)), size(1024)];
    expect(planBuckets(sizes, { batch: 1 }, 16, 0).map(({ length }) => length)).toEqual([16, 512, 1024]);
    expect(planBuckets(sizes, { batch: 1 }, 16, 0, 1).map(({ length }) => length)).toEqual([1024]);
  });

  it('a program for one rare micro-batch is not worth it', () => {
    const sizes = [...Array.from({ length: 1000 }, () => size(1008)), size(1024)];
    expect(planBuckets(sizes, { batch: 1 }, 16, 0)).toHaveLength(1);
  });

  it('every micro-batch has a bucket, whatever its mix of length and labelled rows', () => {
    const sizes = Array.from({ length: 300 }, (_, i) => size(1 + ((i * 37) % 700), 1 + ((i * 91) % 900)));
    const buckets = planBuckets(sizes, { batch: 4 }, 16, 0.3);
    for (const each of sizes) {
      const bucket = bucketFor(buckets, each);
      expect(bucket.length).toBeGreaterThanOrEqual(each.length);
      expect(bucket.rows).toBeGreaterThanOrEqual(each.rows);
    }
  });
});
