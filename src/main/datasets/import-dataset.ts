import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BadRow, ImportedDataset } from '../../shared/domain/dataset.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { writeError } from '../../shared/lib/write-error.ts';
import { AtomicFile, type OpenForWriting } from './atomic-file.ts';
import { convertRow } from './canonical/convert-row.ts';
import { refuse, type ConvertContext, type RowResult } from './canonical/row-result.ts';
import type { DetectOptions } from './chosen-format.ts';
import { detectFormat, detectionRows, type Detected } from './detect.ts';
import { openRecords } from './readers/open-records.ts';
import { maxRowBytes, type JsonObject, type SourceRecord } from './readers/source-record.ts';

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
  /** How the output files are opened; a test gives a full disk here. */
  readonly openFile?: OpenForWriting | undefined;
}

const mostSamples = 20;
/** Enough to tell the format by; ten rows of the longest kind at once are not needed. */
const mostSampleBytes = 2 * maxRowBytes;
const mostNotices = 50;

/**
 * Reads a dataset of any known format into canonical rows on disk, one row in memory at a time. Rows that
 * cannot be used are listed, not fatal; the earlier import in `outDir` stays until the new one is complete.
 *
 * Throws `AppError`: `E-FMT-COLS`, `E-FMT-MAP`, `E-FMT-EMPTY` (no usable row), `DISK-FULL`, `FILE-DENIED`, `FILE-WRITE`,
 * `E-CANCELLED`, and what `openRecords` throws.
 */
export async function importDataset(options: ImportOptions): Promise<ImportedDataset> {
  const notices = new Set<string>();
  const note = (notice: string) => {
    if (notices.size < mostNotices) notices.add(notice);
  };
  const detected = await detectFromFile(options, note);
  for (const notice of detected.notices) note(notice);
  await mkdir(options.outDir, { recursive: true }).catch((cause: unknown) => {
    throw writeError(options.outDir, cause);
  });
  const rows = await AtomicFile.create(join(options.outDir, 'rows.jsonl'), options.openFile);
  const bad = new BadRows(join(options.outDir, 'bad-rows.jsonl'), options.openFile);
  try {
    const count = await convertFile(options, { plan: detected.plan, note }, rows, bad);
    if (count === 0) throw nothingUsable(options.file, bad.count, bad.samples);
    await rows.seal();
    await bad.seal();
    const badRowsFile = await bad.commit();
    const contentHash = await rows.commit();
    return {
      file: rows.path,
      format: detected.plan.format,
      rows: count,
      badRows: bad.count,
      badRowSamples: bad.samples,
      badRowsFile,
      notices: [...notices],
      contentHash,
    };
  } finally {
    await rows.discard();
    await bad.discard();
  }
}

/** Reads only as far as the first usable rows; the file is opened again for the import itself. */
async function detectFromFile(options: ImportOptions, note: (notice: string) => void): Promise<Detected> {
  const sample: JsonObject[] = [];
  const broken: BadRow[] = [];
  let brokenRows = 0;
  let bytes = 0;
  const onBytes = (done: number) => (bytes = done);
  for await (const record of openRecords(options.file, { signal: options.signal, onNotice: note, onBytes })) {
    if ('error' in record) {
      brokenRows += 1;
      if (broken.length < mostSamples) broken.push({ source: record.source, reason: record.error });
    } else if (sample.push(record.value) === detectionRows) break;
    if (sample.length > 0 && bytes > mostSampleBytes) break;
  }
  if (sample.length === 0) throw nothingUsable(options.file, brokenRows, broken);
  return detectFormat(options.file, sample, options);
}

async function convertFile(options: ImportOptions, context: ConvertContext, rows: AtomicFile, bad: BadRows): Promise<number> {
  let count = 0;
  const onBytes = (bytesDone: number, bytesTotal: number) =>
    options.onProgress?.({ bytesDone, bytesTotal, rows: count, badRows: bad.count });
  for await (const record of openRecords(options.file, { signal: options.signal, onBytes })) {
    const line = toLine(record, context);
    const written = typeof line === 'string' ? rows.writeLine(line) : bad.add(line);
    if (typeof line === 'string') count += 1;
    if (written !== null) await written;
  }
  return count;
}

/** The canonical row as JSON text, or why there is none. */
function toLine(record: SourceRecord, context: ConvertContext): string | BadRow {
  if ('error' in record) return { source: record.source, reason: record.error };
  const row = convertGuarded(record.value, record.source, context);
  if (row.kind === 'refused') return { source: record.source, reason: row.reason };
  try {
    return JSON.stringify(row);
  } catch (error) {
    // JSON.parse takes any depth, JSON.stringify overflows the stack: thousands of nested brackets are an attack or a mistake.
    if (error instanceof RangeError) return { source: record.source, reason: 'the row is nested too deeply or too long to write' };
    throw error;
  }
}

function convertGuarded(row: JsonObject, source: number, context: ConvertContext): RowResult {
  return Object.keys(row).length === 0 ? refuse('the row is an empty object') : convertRow(row, source, context);
}

function nothingUsable(file: string, badRows: number, samples: readonly BadRow[]): AppError {
  const first = samples[0];
  const why =
    first === undefined
      ? 'it is empty'
      : `each of its ${badRows} rows was refused; the first (${first.source}): ${first.reason}`;
  return new AppError({
    code: 'E-FMT-EMPTY',
    message: `${file} has no usable row: ${why}.`,
    data: { file, badRows, samples },
    remedy: 'Repair the rows named, or choose the format or the column mapping yourself.',
  });
}

/** The refused rows: a file made on the first one, and the first few in memory. */
class BadRows {
  readonly samples: BadRow[] = [];
  count = 0;
  private readonly path: string;
  private readonly openFile: OpenForWriting | undefined;
  private file: AtomicFile | null = null;

  constructor(path: string, openFile: OpenForWriting | undefined) {
    this.path = path;
    this.openFile = openFile;
  }

  async add(row: BadRow): Promise<void> {
    this.count += 1;
    if (this.samples.length < mostSamples) this.samples.push(row);
    this.file ??= await AtomicFile.create(this.path, this.openFile);
    await this.file.writeLine(JSON.stringify(row));
  }

  async seal(): Promise<void> {
    await this.file?.seal();
  }

  /** The file's path; null, with an earlier import's list removed, when no row was refused. */
  async commit(): Promise<string | null> {
    if (this.file === null) {
      await rm(this.path, { force: true });
      return null;
    }
    await this.file.commit();
    return this.path;
  }

  async discard(): Promise<void> {
    await this.file?.discard();
  }
}
