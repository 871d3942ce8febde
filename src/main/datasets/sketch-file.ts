import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { BadRow, CanonicalRow } from '../../shared/domain/dataset.ts';
import { datasetFormatSchema } from '../../shared/domain/dataset.ts';
import type { FileSketch, Reading } from '../../shared/domain/dataset-record.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { exactText } from '../../shared/lib/exact-json.ts';
import { cutText, cutValue } from './cut-value.ts';
import { detectFormat } from './detect.ts';
import { FindingBook } from './finding-book.ts';
import { cellOf, formatFields, type ColumnMapping } from './import-plan.ts';
import { textPaths } from './nested-cells.ts';
import { openRecords } from './readers/open-records.ts';
import { columnsByNumber, hasHeader } from './no-header.ts';
import type { SourceRecord } from './readers/source-record.ts';
import { RowAccount } from './row-account.ts';

/** Rows looked at, and bytes after which no more are. */
const ROWS = 20;
const BYTES = 32 * 1024 * 1024;
const COLUMNS = 200;
const SAMPLES = 3;
const SAMPLE_LENGTH = 200;
/** Characters of a column's name, of a row shown and of a refused one: with the rows above, a sketch stays below a megabyte. */
const NAME_LENGTH = 1000;
const ROW_LENGTH = 24 * 1024;
const BAD_ROW_LENGTH = 4 * 1024;

const FORMATS: FileSketch['formats'] = datasetFormatSchema.options.map((format) => ({ format, ...formatFields[format] }));

/**
 * The first rows of a file, and what they would be read as; writes nothing. What cannot be read is told in the sketch, so that a
 * mapping can be corrected beside it. @throws AppError where the file itself cannot be opened
 */
export async function sketchFile(file: string, reading: Reading, signal?: AbortSignal): Promise<FileSketch> {
  const { size } = await stat(file).catch((error: unknown) => {
    throw new AppError(
      { code: 'E-FILE', message: `${file} cannot be read: ${(error as Error).message}.`, data: { file }, remedy: 'Check the path.' },
      error,
    );
  });
  const base = { fileName: basename(file), bytes: size, formats: FORMATS };
  let records: readonly SourceRecord[] = [];
  try {
    const book = new FindingBook();
    records = await firstRecords(file, reading, book, signal);
    const outcome = outcomeOf(file, records, reading, book);
    const mayBeRow = outcome.kind === 'readable' && outcome.findings.some(({ code }) => code === 'HEADER-ROW');
    return { ...base, columns: choices(file, records, mayBeRow), outcome };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return {
      ...base,
      columns: choices(file, records, error.code === 'E-FMT-COLS'),
      outcome: {
        kind: 'unreadable',
        code: error.code,
        message: cutText(error.message.replaceAll(file, basename(file)), 4000),
        remedy: error.remedy ?? null,
      },
    };
  }
}

async function firstRecords(
  file: string,
  { encoding, mapping }: Reading,
  book: FindingBook,
  signal: AbortSignal | undefined,
): Promise<readonly SourceRecord[]> {
  const records: SourceRecord[] = [];
  let bytes = 0;
  for await (const record of openRecords(file, {
    signal,
    onBytes: (done) => (bytes = done),
    onNote: (note) => book.add(note, null),
    mapped: Object.values(mapping ?? {}),
    ...(encoding === 'auto' ? {} : { encoding }),
  })) {
    if (records.push(record) >= ROWS || bytes > BYTES) break;
  }
  return records;
}

function outcomeOf(file: string, records: readonly SourceRecord[], { format, mapping, pairs }: Reading, book: FindingBook): FileSketch['outcome'] {
  const usable = records.flatMap((record) => ('error' in record ? [] : [record]));
  const values = usable.map(({ value }) => value);
  if (values.length === 0) {
    const first = records.find((record) => 'error' in record);
    throw new AppError({
      code: 'E-FMT-EMPTY',
      message:
        first === undefined
          ? `${basename(file)} is empty, or has a header and nothing below it.`
          : `${basename(file)} has no usable row among the first ${records.length}; row ${first.source}: ${first.error}.`,
      remedy: 'Repair the file, or choose another one.',
    });
  }
  const { plan, notes } = detectFormat(basename(file), values, {
    pairs,
    sources: usable.map(({ source }) => source),
    ...(format === 'auto' ? {} : { format }),
    ...(mapping === null ? {} : { mapping: mapping as ColumnMapping }),
  });
  for (const note of notes) book.add(note, null);
  const account = new RowAccount(plan, book);
  const rows: CanonicalRow[] = [];
  const badRows: BadRow[] = [];
  for (const record of records) {
    const taken = account.take(record);
    if ('row' in taken) rows.push(cutValue(taken.row, ROW_LENGTH));
    else badRows.push(shortBadRow(taken.bad));
  }
  const fields = [...formatFields[plan.format].required, ...formatFields[plan.format].optional];
  const complete = Object.fromEntries(
    fields.flatMap((field) => {
      const column = plan.columns[field] ?? field;
      return values.some((value) => cellOf(value, column) !== undefined) ? [[field, cutText(column, NAME_LENGTH)]] : [];
    }),
  );
  return { kind: 'readable', format: plan.format, mapping: complete, rows, badRows, findings: account.findings() };
}

/** What is shown of a refused row; its text is had from the import. */
function shortBadRow({ source, reason, text, cut }: BadRow): BadRow {
  const short = { source, reason: cutText(reason, 1000) };
  if (text === undefined) return short;
  return text.length > BAD_ROW_LENGTH || cut ? { ...short, text: cutText(text, BAD_ROW_LENGTH), cut: true } : { ...short, text };
}

/** The columns to choose from; where they do not do as they stand, by number too (the first line may be a row), and what is within objects. */
function choices(file: string, records: readonly SourceRecord[], more: boolean): FileSketch['columns'] {
  const columns = columnsOf(records);
  if (more && hasHeader(file)) return [...columns, ...columnsByNumber(columns, SAMPLE_LENGTH)];
  const first = records.find((record) => !('error' in record));
  const nested =
    more && first !== undefined && !('error' in first) ? textPaths(first.value).filter(({ path }) => columns.every(({ name }) => name !== path)) : [];
  return [...columns, ...nested.map(({ path, text }) => ({ name: path, samples: [cutText(text, SAMPLE_LENGTH)] }))];
}

function columnsOf(records: readonly SourceRecord[]): FileSketch['columns'] {
  const columns = new Map<string, string[]>();
  for (const record of records) {
    if ('error' in record) continue;
    for (const [name, value] of Object.entries(record.value)) {
      if (!columns.has(name) && columns.size >= COLUMNS) continue;
      const samples = columns.get(name) ?? [];
      columns.set(name, samples);
      if (samples.length < SAMPLES)
        samples.push(cutText(typeof value === 'string' ? value : exactText(cutValue(value, 2 * SAMPLE_LENGTH)), SAMPLE_LENGTH));
    }
  }
  return [...columns].map(([name, samples]) => ({ name: cutText(name, NAME_LENGTH), samples }));
}
