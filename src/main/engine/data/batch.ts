/**
 * @file What a program is fed: rows of tokens in the arrays of a static shape, with the positions that have something to learn. A row
 * may hold several segments (packed rows, or a whole micro-batch laid end to end): each counts its positions from 0 and sees only itself.
 */
import { IGNORE } from '../text/loss-mask.ts';

/** Static sizes of a micro-batch. */
export interface Bucket {
  readonly batch: number;
  /** Tokens a row, padding included. */
  readonly length: number;
  /** Labelled positions, padded up; at most batch * length. */
  readonly rows: number;
  /** Rows are made of segments that do not see each other. */
  readonly segmented?: boolean | undefined;
}

/** One micro-batch, padded to its bucket on the right. */
export interface Batch {
  readonly bucket: Bucket;
  /** i32 [batch, length] */
  readonly ids: Int32Array;
  /** i32 [rows], flat positions b * length + t whose next token is learned; padding repeats 0 */
  readonly rows: Int32Array;
  /** i32 [rows], the token to learn; -100 on padding */
  readonly targets: Int32Array;
  /** Of a segmented bucket. */
  readonly segments?: Segments | undefined;
}

/** All i32 [batch, length]. */
export interface Segments {
  /** Place in its segment. */
  readonly positions: Int32Array;
  /** The places in the row that a token sees, both included. Padding sees itself. */
  readonly first: Int32Array;
  readonly last: Int32Array;
}

export interface Sequence {
  readonly inputIds: Int32Array;
  readonly labels: Int32Array;
  /** Lengths of its segments in order, together all of it; absent: it is one. */
  readonly segments?: readonly number[] | undefined;
}

export interface FilledBatch {
  readonly batch: Batch;
  /** Labels after the shift within each segment: N of the loss (spec 2.8). */
  readonly targets: number;
  /** Padding not counted. */
  readonly tokens: number;
}

/** @throws Error, a bug, where the sequences do not fit the bucket */
export function fillBatch(sequences: readonly Sequence[], bucket: Bucket, padId: number): FilledBatch {
  if (sequences.length === 0 || sequences.length > bucket.batch) throw new Error(`internal: ${sequences.length} rows for a batch of ${bucket.batch}`);
  const batch = emptyBatch(bucket, padId);
  let [tokens, targets] = [0, 0];
  for (const [b, sequence] of sequences.entries()) {
    const { inputIds, labels } = sequence;
    if (inputIds.length !== labels.length) throw new Error(`internal: ${inputIds.length} ids but ${labels.length} labels`);
    if (inputIds.length > bucket.length) throw new Error(`internal: a row of ${inputIds.length} tokens in a bucket of ${bucket.length}`);
    batch.ids.set(inputIds, b * bucket.length);
    tokens += inputIds.length;
    let start = 0;
    for (const length of sequence.segments ?? [inputIds.length]) {
      if (batch.segments) fillSegment(batch.segments, b * bucket.length, start, length);
      targets = fillTargets(batch, b * bucket.length, labels, start, length, targets);
      start += length;
    }
    if (start !== inputIds.length) throw new Error(`internal: segments of ${start} tokens in a row of ${inputIds.length}`);
  }
  return { batch, targets, tokens };
}

/** Nothing but padding, and nothing to learn. */
export function emptyBatch(bucket: Bucket, padId = 0): Batch {
  const size = bucket.batch * bucket.length;
  const batch = {
    bucket,
    ids: new Int32Array(size).fill(padId),
    rows: new Int32Array(bucket.rows),
    targets: new Int32Array(bucket.rows).fill(IGNORE),
  };
  if (!bucket.segmented) return batch;
  const itself = () => Int32Array.from({ length: size }, (_, i) => i % bucket.length);
  return { ...batch, segments: { positions: new Int32Array(size), first: itself(), last: itself() } };
}

/** Causal within the segment. `last` is the token itself, which it is already. */
function fillSegment({ positions, first }: Segments, row: number, start: number, length: number): void {
  first.fill(start, row + start, row + start + length);
  for (let i = 0; i < length; i++) positions[row + start + i] = i;
}

/** The first token of a segment is nobody's target. @returns targets so far */
function fillTargets({ bucket, rows, targets }: Batch, row: number, labels: Int32Array, start: number, length: number, before: number): number {
  let count = before;
  for (let i = start + 1; i < start + length; i++) {
    const label = labels[i] as number;
    if (label === IGNORE) continue;
    if (count === bucket.rows) throw new Error(`internal: more than ${bucket.rows} targets`);
    rows[count] = row + i - 1;
    targets[count] = label;
    count++;
  }
  return count;
}
