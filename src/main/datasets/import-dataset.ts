import { join } from 'node:path';
import type { BadRow, Encoding, ImportedDataset } from '../../shared/domain/dataset.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { writeError } from '../../shared/lib/write-error.ts';
import { makeFolder } from '../files/folders.ts';
import { AtomicFile, type OpenForWriting } from '../files/line-file.ts';
import { BadRows, inVain, isInVain } from './bad-rows.ts';
import type { DetectOptions } from './chosen-format.ts';
import { detectFormat, detectionRows, type Detected } from './detect.ts';
import { FindingBook, type Note, type NoteTaker } from './finding-book.ts';
import { writePlan } from './mend-rows.ts';
import { openRecords } from './readers/open-records.ts';
import { maxRowBytes, type JsonObject } from './readers/source-record.ts';
import { RowAccount } from './row-account.ts';

export interface ImportProgress {
  /** Bytes of the user's file read so far, and its size. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly rows: number;
  readonly badRows: number;
}

export interface ImportOptions extends DetectOptions {
  readonly file: string;
  /** Made when missing; gets `rows.jsonl` and, if rows were refused, `bad-rows.jsonl`. */
  readonly outDir: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
  /** Character encoding of the file; found by its bytes where it is not given. */
  readonly encoding?: Encoding | undefined;
  /** How the output files are opened; a test gives a full disk here. */
  readonly openFile?: OpenForWriting | undefined;
}

const mostSamples = 20;
/** Enough to tell the format by; ten rows of the longest kind at once are not needed. */
const mostSampleBytes = 2 * maxRowBytes;

/**
 * Reads a dataset of any known format into canonical rows on disk, one row in memory at a time. Rows that
 * cannot be used are listed, not fatal; the earlier import in `outDir` stays until the new one is complete.
 *
 * Throws `AppError`: `E-FMT-COLS`, `E-FMT-MAP`, `E-FMT-EMPTY` (no usable row), `DISK-FULL`, `FILE-DENIED`, `FILE-WRITE`,
 * `E-CANCELLED`, and what `openRecords` throws.
 */
export async function importDataset(options: ImportOptions): Promise<ImportedDataset> {
  const book = new FindingBook();
  const { plan, notes } = await detectFromFile(options, (note) => book.add(note, null));
  for (const note of notes) book.add(note, null);
  await makeFolder(options.outDir).catch((cause: unknown) => {
    throw writeError(options.outDir, cause);
  });
  const rows = await AtomicFile.create(join(options.outDir, 'rows.jsonl'), options.openFile);
  const bad = new BadRows(join(options.outDir, 'bad-rows.jsonl'), options.openFile);
  try {
    const account = new RowAccount(plan, book);
    await convertFile(options, account, rows, bad);
    if (bad.unlisted > 0) book.add(unlisted(bad), null);
    const count = account.rows;
    if (count === 0) throw nothingUsable(options.file, bad.count, bad.samples);
    await rows.seal();
    await bad.seal();
    const badRowsFile = await bad.commit();
    await writePlan(options.outDir, plan, options.openFile);
    const contentHash = await rows.commit();
    return {
      file: rows.path,
      format: plan.format,
      rows: count,
      badRows: bad.count,
      badRowSamples: bad.samples,
      badRowsFile,
      findings: account.findings(),
      contentHash,
    };
  } finally {
    await rows.discard();
    await bad.discard();
  }
}

function mappedColumns({ mapping }: ImportOptions): readonly string[] {
  return Object.values(mapping ?? {});
}

/** Reads only as far as the first usable rows; the file is opened again for the import itself. */
async function detectFromFile(options: ImportOptions, note: NoteTaker): Promise<Detected> {
  const sample: JsonObject[] = [];
  const sources: number[] = [];
  const broken: BadRow[] = [];
  let brokenRows = 0;
  let bytes = 0;
  const onBytes = (done: number) => (bytes = done);
  for await (const record of openRecords(options.file, {
    signal: options.signal,
    onNote: note,
    onBytes,
    encoding: options.encoding,
    mapped: mappedColumns(options),
  })) {
    if ('error' in record) {
      brokenRows += 1;
      if (broken.length < mostSamples) broken.push({ source: record.source, reason: record.error });
      if (isInVain(sample.length, brokenRows)) throw inVain(options.file, sample.length, brokenRows, broken);
    } else if (sources.push(record.source) && sample.push(record.value) === detectionRows) break;
    if (sample.length > 0 && bytes > mostSampleBytes) break;
  }
  if (sample.length === 0) throw nothingUsable(options.file, brokenRows, broken);
  return detectFormat(options.file, sample, { ...options, sources });
}

async function convertFile(options: ImportOptions, account: RowAccount, rows: AtomicFile, bad: BadRows): Promise<void> {
  const onBytes = (bytesDone: number, bytesTotal: number) =>
    options.onProgress?.({ bytesDone, bytesTotal, rows: account.rows, badRows: account.bad });
  for await (const record of openRecords(options.file, {
    signal: options.signal,
    onBytes,
    encoding: options.encoding,
    mapped: mappedColumns(options),
  })) {
    const taken = account.take(record);
    const written = 'line' in taken ? rows.writeLine(taken.line) : bad.add(taken.bad);
    if (written !== null) await written;
    if (isInVain(account.rows, account.bad)) throw inVain(options.file, account.rows, account.bad, bad.samples);
  }
}

function unlisted({ count, unlisted: others }: BadRows): Note {
  return {
    code: 'SET-ASIDE-MORE',
    level: 'note',
    message: `Of the ${count.toLocaleString('en')} rows that were set aside the first ${(count - others).toLocaleString('en')} are listed with their reasons; the others are only counted.`,
  };
}

function nothingUsable(file: string, badRows: number, samples: readonly BadRow[]): AppError {
  const first = samples[0];
  const why =
    first === undefined
      ? 'it is empty, or has a header and nothing below it'
      : `each of its ${badRows} rows was refused; the first (${first.source}): ${first.reason}`;
  return new AppError({
    code: 'E-FMT-EMPTY',
    message: `${file} has no usable row: ${why}.`,
    data: { file, badRows, samples },
    remedy: first === undefined ? 'Choose a file with rows in it.' : 'Repair the rows named, or choose the format or the column mapping yourself.',
  });
}
