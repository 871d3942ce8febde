/** @file What a worker can be asked to do: each a function of plain data, in another process than the one that asks. */
import type { CanonicalRow } from '../../shared/domain/dataset.ts';
import type { Reading } from '../../shared/domain/dataset-record.ts';
import type { Outcome } from '../../shared/domain/outcome.ts';
import { badRowPage } from '../datasets/bad-row-page.ts';
import { readCanonicalFile } from '../datasets/canonical-file.ts';
import { cutValue } from '../datasets/cut-value.ts';
import { exportedLines } from '../datasets/exported-lines.ts';
import { hashFile } from '../datasets/hash-file.ts';
import { importDataset, type ImportOptions, type ImportProgress } from '../datasets/import-dataset.ts';
import { mendRows, type MendedRow } from '../datasets/mend-rows.ts';
import { RowFile } from '../datasets/row-file.ts';
import { rowManner } from '../datasets/row-manner.ts';
import { sketchFile } from '../datasets/sketch-file.ts';
import { compareVersions } from '../datasets/version-comparison.ts';
import { writeRows, type WriteRows } from '../datasets/write-rows.ts';
import { zipOfOutcome } from './outcome-zip.ts';

export type Task<I, P, O> = (input: I, tell: (progress: P) => void) => Promise<O>;
export type Stream<I> = (input: I) => AsyncIterable<Uint8Array>;

export const TASKS = {
  /** Canonical rows and their index, in a folder that is the caller's to remove where it comes to nothing. */
  import: async (input: Omit<ImportOptions, 'signal' | 'onProgress' | 'openFile'>, tell: (progress: ImportProgress) => void) => {
    const imported = await importDataset({ ...input, onProgress: tell });
    await RowFile.open(imported.file);
    return imported;
  },
  sketch: ({ file, reading }: { readonly file: string; readonly reading: Reading }) => sketchFile(file, reading),
  canonical: ({ file }: { readonly file: string }) => readCanonicalFile(file),
  hash: ({ file }: { readonly file: string }) => hashFile(file),
  mend: ({ folder, rows }: { readonly folder: string; readonly rows: readonly MendedRow[] }) => mendRows(folder, rows),
  /** Rows that are too long for the host to read, each cut to `most` characters. */
  rows: async ({ file, numbers, most }: { readonly file: string; readonly numbers: readonly number[]; readonly most: number }) =>
    (await RowFile.open(file)).read(numbers, (row): { readonly row: CanonicalRow; readonly cut: boolean } => {
      const shown = cutValue(row, most);
      return { row: shown, cut: shown !== row };
    }),
  'bad-rows': ({ file, offset, limit }: { readonly file: string; readonly offset: number; readonly limit: number }) =>
    badRowPage(file, offset, limit),
  manner: ({ file, hasTemplate }: { readonly file: string; readonly hasTemplate: boolean }) => rowManner(file, hasTemplate),
  index: async ({ file }: { readonly file: string }) => void (await RowFile.open(file)),
  'write-rows': (input: WriteRows) => writeRows(input),
  compare: ({ from, to }: { readonly from: string; readonly to: string }) => compareVersions(from, to),
} as const;
export type Tasks = typeof TASKS;

export const STREAMS = {
  'export-rows': ({ file }: { readonly file: string }) => exportedLines(file),
  'outcome-zip': (outcome: Outcome) => zipOfOutcome(outcome),
} as const;
export type Streams = typeof STREAMS;
