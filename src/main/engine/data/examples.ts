/** @file What the sampler draws: rows of the encoded dataset, or packs of them. */
import type { EncodedRow } from '../text/encode.ts';
import type { Sequence } from './batch.ts';
import type { EncodedRows } from './split.ts';
import { Packer, type Packing, type Piece } from '../text/pack.ts';

export interface Examples {
  readonly count: number;
  /** Tokens of an example. */
  readonly length: (example: number) => number;
  /** At most so many targets. */
  readonly targets: (example: number) => number;
  readonly read: (example: number) => Promise<Sequence>;
}

/** Looks at each row that is read. */
type Check = (row: EncodedRow) => void;

export function rowExamples(dataset: EncodedRows, check: Check): Examples {
  return {
    count: dataset.rows,
    length: (row) => dataset.length(row),
    targets: (row) => dataset.targets(row),
    read: async (row) => {
      const encoded = await dataset.read(row);
      check(encoded);
      return encoded;
    },
  };
}

/** The strategy `wrapped` gives packs of one segment, without borders between their rows */
export function packExamples(dataset: EncodedRows, packing: Packing, check: Check): Examples {
  const packs: (readonly Piece[])[] = [];
  const packer = new Packer(packing, (pack) => packs.push(pack));
  for (let row = 0; row < dataset.rows; row++) packer.add(dataset.length(row));
  packer.finish();
  const bordered = packing.strategy !== 'wrapped';
  const sum = (pack: number, of: (piece: Piece) => number) => packs[pack]!.reduce((total, piece) => total + of(piece), 0);
  return {
    count: packs.length,
    length: (pack) => sum(pack, (piece) => piece.length),
    // The first token of a row is nobody's target, unless what stands before it in the pack predicts it.
    targets: (pack) =>
      sum(pack, (piece) =>
        bordered ? Math.min(dataset.targets(piece.row), piece.length - 1) : Math.min(dataset.targets(piece.row) + 1, piece.length),
      ),
    read: async (pack) => {
      const pieces = await Promise.all(packs[pack]!.map(async (piece) => cut(await checked(dataset, piece.row, check), piece)));
      const joined = joinSequences(pieces);
      return bordered ? joined : { inputIds: joined.inputIds, labels: joined.labels };
    },
  };
}

async function checked(dataset: EncodedRows, row: number, check: Check): Promise<EncodedRow> {
  const encoded = await dataset.read(row);
  check(encoded);
  return encoded;
}

function cut({ inputIds, labels }: EncodedRow, { start, length }: Piece): Sequence {
  return { inputIds: inputIds.subarray(start, start + length), labels: labels.subarray(start, start + length) };
}

/** One sequence, end to end: each is a segment of it. */
export function joinSequences(sequences: readonly Sequence[]): Sequence {
  const length = sequences.reduce((sum, { inputIds }) => sum + inputIds.length, 0);
  const joined = { inputIds: new Int32Array(length), labels: new Int32Array(length), segments: [] as number[] };
  let at = 0;
  for (const { inputIds, labels, segments } of sequences) {
    joined.inputIds.set(inputIds, at);
    joined.labels.set(labels, at);
    joined.segments.push(...(segments ?? [inputIds.length]));
    at += inputIds.length;
  }
  return joined;
}
