/** Rows to one padded micro-batch (spec sections 2.7 and 3.4: TRL's language-model collator). */
import { IGNORE } from './loss-mask.ts';

export interface EncodedSequence {
  readonly inputIds: Int32Array;
  readonly labels: Int32Array;
}

export interface CollateOptions {
  readonly padId: number;
  /** T is rounded up to a multiple of this, so that few shapes occur. 1 pads to the longest row. */
  readonly bucketMultiple: number;
}

export interface Batch {
  /** B */
  readonly batch: number;
  /** T */
  readonly tokens: number;
  /** [B, T], padded right with the pad id. */
  readonly inputIds: Int32Array;
  /** [B, T], padded right with -100. */
  readonly labels: Int32Array;
  /** [B]: tokens before the padding. */
  readonly lengths: Int32Array;
  /** Number of targets after the shift: labels[:, 1:] that are not -100. This is N of the loss. */
  readonly targetCount: number;
  /** [targetCount]: flat positions b*T + t whose next label is a target, ascending. */
  readonly labelledPositions: Int32Array;
  /** [targetCount]: the target id of each of those positions, labels[b][t + 1]. */
  readonly targetIds: Int32Array;
}

/** @throws RangeError for no rows, unequal ids and labels, or a bucket multiple below 1. */
export function collate(rows: readonly EncodedSequence[], options: CollateOptions): Batch {
  const { padId, bucketMultiple } = options;
  if (rows.length === 0) throw new RangeError('[collate] a batch needs at least one row');
  if (!Number.isInteger(bucketMultiple) || bucketMultiple < 1) throw new RangeError(`[collate] bucket multiple must be a positive integer, got ${bucketMultiple}`);
  for (const { inputIds, labels } of rows) {
    if (inputIds.length !== labels.length) throw new RangeError(`[collate] ${inputIds.length} ids but ${labels.length} labels`);
  }
  const longest = Math.max(1, ...rows.map((row) => row.inputIds.length));
  const tokens = Math.ceil(longest / bucketMultiple) * bucketMultiple;
  const inputIds = new Int32Array(rows.length * tokens).fill(padId);
  const labels = new Int32Array(rows.length * tokens).fill(IGNORE);
  for (const [b, row] of rows.entries()) {
    inputIds.set(row.inputIds, b * tokens);
    labels.set(row.labels, b * tokens);
  }
  const positions: number[] = [];
  for (let i = 0; i < labels.length - 1; i++) if ((i + 1) % tokens !== 0 && labels[i + 1] !== IGNORE) positions.push(i);
  return {
    batch: rows.length,
    tokens,
    inputIds,
    labels,
    lengths: Int32Array.from(rows, (row) => row.inputIds.length),
    targetCount: positions.length,
    labelledPositions: Int32Array.from(positions),
    targetIds: Int32Array.from(positions, (i) => labels[i + 1] as number),
  };
}

/** Targets of one row after the shift. */
export function countTargets(labels: Int32Array): number {
  let count = 0;
  for (let i = 1; i < labels.length; i++) if (labels[i] !== IGNORE) count++;
  return count;
}
