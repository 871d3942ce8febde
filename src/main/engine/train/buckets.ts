/**
 * @file Which static shapes a run compiles. The order of rows is known before the first step, so the sizes of all micro-batches
 * are too: a few buckets are chosen that waste the least padding over the whole run. Padding never changes a result.
 */
import type { Bucket } from '../data/batch.ts';
import { MOST_BUCKETS } from './shapes.ts';

/** What one micro-batch needs. */
export interface MicroBatchSize {
  /** Longest row, in tokens. */
  readonly length: number;
  /** Labelled positions. */
  readonly rows: number;
}

export type BatchShape = Pick<Bucket, 'batch' | 'segmented'>;

/** A program more must save at least this share of the work, since each takes time to compile and memory to keep. */
const WORTH = 0.03;

/**
 * @param shape of every micro-batch: its rows (short ones are filled with padding rows), and whether they are segmented
 * @param lengthStep lengths are rounded up to this
 * @param headShare cost of a labelled row beside that of a token (vocabulary over parameters of the layers, about)
 * @returns buckets by ascending length; the last holds every micro-batch
 */
export function planBuckets(
  sizes: readonly MicroBatchSize[],
  shape: BatchShape,
  lengthStep: number,
  headShare: number,
  most = MOST_BUCKETS,
): readonly Bucket[] {
  const levels = levelsOf(sizes, lengthStep);
  let best = cheapest(levels, shape, headShare, 1);
  for (let count = 2; count <= Math.min(most, levels.length); count++) {
    const next = cheapest(levels, shape, headShare, count);
    if (next.cost < best.cost * (1 - WORTH)) best = next;
  }
  return best.buckets;
}

/** The first bucket a micro-batch fits. */
export function bucketFor(buckets: readonly Bucket[], size: MicroBatchSize): Bucket {
  const bucket = buckets.find(({ length, rows }) => length >= size.length && rows >= size.rows);
  if (!bucket) throw new Error(`internal: no bucket holds ${size.length} tokens with ${size.rows} labelled rows`);
  return bucket;
}

/** All micro-batches of one rounded length. */
interface Level {
  readonly length: number;
  readonly count: number;
  readonly rows: number;
}

function levelsOf(sizes: readonly MicroBatchSize[], step: number): readonly Level[] {
  const levels = new Map<number, { count: number; rows: number }>();
  for (const { length, rows } of sizes) {
    const rounded = Math.ceil(length / step) * step;
    const level = levels.get(rounded) ?? { count: 0, rows: 0 };
    levels.set(rounded, { count: level.count + 1, rows: Math.max(level.rows, rows) });
  }
  return [...levels].map(([length, level]) => ({ length, ...level })).sort((x, y) => x.length - y.length);
}

interface Choice {
  readonly cost: number;
  readonly buckets: readonly Bucket[];
}

/** Splits the levels into `count` runs of neighbours with the least total cost, by dynamic programming over the last run. */
function cheapest(levels: readonly Level[], shape: BatchShape, headShare: number, count: number): Choice {
  let choices: (Choice | null)[] = [{ cost: 0, buckets: [] }, ...levels.map(() => null)];
  for (let used = 0; used < count; used++) {
    choices = levels.reduce<(Choice | null)[]>((next, _, last) => [...next, extend(choices, levels, last, shape, headShare)], [null]);
  }
  return choices.at(-1)!;
}

/** The best way to end a run of levels at `last`, after what `before` says of everything below it. */
function extend(before: readonly (Choice | null)[], levels: readonly Level[], last: number, shape: BatchShape, headShare: number): Choice | null {
  let best: Choice | null = null;
  let rows = 0;
  let microBatches = 0;
  for (let first = last; first >= 0; first--) {
    rows = Math.max(rows, levels[first]!.rows);
    microBatches += levels[first]!.count;
    const rest = before[first];
    if (!rest) continue;
    const bucket: Bucket = { ...shape, length: levels[last]!.length, rows: Math.max(rows, rest.buckets.at(-1)?.rows ?? 0) };
    const cost = rest.cost + microBatches * (shape.batch * bucket.length + headShare * bucket.rows);
    if (!best || cost < best.cost) best = { cost, buckets: [...rest.buckets, bucket] };
  }
  return best;
}
