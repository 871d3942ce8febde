import type { EncodedDataset } from './encoded-cache.ts';
import { randperm } from './shuffle.ts';

/** Rows as tokens, to be read by number. */
export type EncodedRows = Pick<EncodedDataset, 'rows' | 'length' | 'targets' | 'read'>;

export interface Split {
  readonly train: EncodedRows;
  readonly held: EncodedRows;
}

/**
 * Holds rows out: the sets are those of torch's `random_split` with a generator of this seed, each in the order of the file.
 */
export function splitRows(dataset: EncodedRows, held: number, seed: number): Split {
  const order = randperm(dataset.rows, seed);
  const cut = dataset.rows - held;
  return { train: subset(dataset, order.slice(0, cut).sort()), held: subset(dataset, order.slice(cut).sort()) };
}

function subset(dataset: EncodedRows, numbers: Uint32Array): EncodedRows {
  const of = (row: number) => numbers[row]!;
  return {
    rows: numbers.length,
    length: (row) => dataset.length(of(row)),
    targets: (row) => dataset.targets(of(row)),
    read: (row) => dataset.read(of(row)),
  };
}
