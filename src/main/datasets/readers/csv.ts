import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Note, NoteTaker } from '../finding-book.ts';
import { CsvParser, TooManyOpenQuotes, type CsvRecord } from './csv-parser.ts';
import { encodingFailure } from './file-chunks.ts';
import { quoted, type JsonObject, type SourceRecord } from './source-record.ts';

const delimiters = [',', ';', '\t', '|'] as const;

export interface CsvOptions {
  /** Fixed by the extension (.tsv); otherwise the character the header line holds most often. */
  readonly delimiter?: string | undefined;
  readonly onNote?: NoteTaker | undefined;
  /** Columns that a person has mapped: all by number (`column 2`) where the file has no header. */
  readonly mapped?: readonly string[] | undefined;
}

/**
 * One record a CSV row, cells as strings under the header's names; `source` counts the rows after the header.
 * Missing last cells are empty; a row with more cells than the header, or broken quotes, is an error record that names its line.
 *
 * Throws `AppError` `E-FMT-COLS` (no usable header), `E-FMT-CSV` (quotes that never close, old Mac line ends)
 * or `E-FILE-ENCODING`.
 */
export async function* readCsv(file: string, chunks: AsyncIterable<Buffer>, options: CsvOptions = {}): AsyncGenerator<SourceRecord, void, undefined> {
  let parser: CsvParser | null = null;
  let header: readonly string[] | null = null;
  let source = 0;
  for await (const { text: piece, last } of decode(file, chunks)) {
    let text = piece;
    if (parser === null) {
      const told = /^sep=(.)\r?\n/.exec(text);
      if (told !== null) text = text.slice(told[0].length);
      parser = new CsvParser(told?.[1] ?? options.delimiter ?? guessDelimiter(file, text, options.onNote), undefined, told === null ? 1 : 2);
    }
    for (const record of guarded(file, parser.push(text, last))) {
      if (header === null) {
        const isRow = isCountedIn(record, options.mapped ?? []);
        header = isRow ? record.cells.map((_, index) => numberedColumn(index)) : checkHeader(file, record, options.onNote);
        if (!isRow) continue;
        options.onNote?.(NO_HEADER);
      }
      source += 1;
      yield toRow(source, header, record);
    }
  }
}

async function* decode(file: string, chunks: AsyncIterable<Buffer>) {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let lines = 1;
  for await (const chunk of chunks) {
    const text = decodePiece(file, decoder, chunk, lines);
    yield { text, last: false };
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  }
  yield { text: decodePiece(file, decoder, null, lines), last: true };
}

function decodePiece(file: string, decoder: TextDecoder, chunk: Buffer | null, line: number): string {
  try {
    return chunk === null ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw encodingFailure(
      file,
      `line ${(line + (chunk === null ? 0 : linesBeforeFault(chunk))).toLocaleString('en')} holds a byte that belongs to no UTF-8 character`,
    );
  }
}

/** Line breaks of the chunk before its first line that is no UTF-8; what the chunk before left open counts to the first line. */
function linesBeforeFault(chunk: Buffer): number {
  let lines = 0;
  for (let start = 0; start < chunk.length;) {
    const end = chunk.indexOf(10, start);
    if (!isUtf8(chunk.subarray(start, end === -1 ? chunk.length : end))) return lines;
    if (end === -1) break;
    lines += 1;
    start = end + 1;
  }
  return 0;
}

function* guarded(file: string, records: Iterable<CsvRecord>): Generator<CsvRecord, void, undefined> {
  try {
    yield* records;
  } catch (error) {
    if (!(error instanceof TooManyOpenQuotes)) throw error;
    throw csvFailure(file, error.message, 'Quote every cell that holds a quote, and double the quotes inside it.');
  }
}

function guessDelimiter(file: string, text: string, onNote: CsvOptions['onNote']): string {
  if (!text.includes('\n') && text.includes('\r')) {
    throw csvFailure(file, 'its lines end in a lone carriage return', 'Save it with LF or CRLF line ends.');
  }
  const end = text.indexOf('\n');
  const header = (end === -1 ? text : text.slice(0, end)).slice(0, 100_000).replace(/"[^"]*"/g, '');
  let best: string = delimiters[0];
  let most = header.split(best).length;
  for (const candidate of delimiters) {
    const count = header.split(candidate).length;
    if (count > most) {
      best = candidate;
      most = count;
    }
  }
  if (best !== ',')
    onNote?.({
      code: 'DELIMITER',
      level: 'note',
      message: `Cells are separated by ${best === '\t' ? 'tabs' : quoted(best)}, as in the header line.`,
    });
  return best;
}

function checkHeader(file: string, record: CsvRecord, onNote: CsvOptions['onNote']): readonly string[] {
  if (record.error !== undefined) throw csvFailure(file, `in the header, ${record.error}`, 'Repair the first line.');
  const names = record.cells.map((cell, index) => {
    const name = cell.trim();
    if (name === '')
      onNote?.({
        code: 'COLUMN-UNNAMED',
        level: 'note',
        message: `Column ${index + 1} has no name in the header; it is called "column ${index + 1}".`,
      });
    return name === '' ? numberedColumn(index) : name;
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw new AppError({
    code: 'E-FMT-COLS',
    message: `${file}: two columns of the header are called ${quoted(twice)}.`,
    data: { file, columns: names.slice(0, 100) },
    remedy: 'Rename one of them.',
  });
}

/** What a column is called that has no name. */
export function numberedColumn(index: number): string {
  return `column ${index + 1}`;
}

const NO_HEADER: Note = { code: 'NO-HEADER', level: 'note', message: 'The first line was read as a row, since the columns were chosen by number.' };

/** Whether the mapping goes by number past names that the first line does have: then they are no names. */
function isCountedIn({ cells, error }: CsvRecord, mapped: readonly string[]): boolean {
  if (mapped.length === 0 || error !== undefined || cells.some((cell) => mapped.includes(cell.trim()))) return false;
  return mapped.every((column) => cells.some((cell, index) => numberedColumn(index) === column && cell.trim() !== ''));
}

function toRow(source: number, header: readonly string[], record: CsvRecord): SourceRecord {
  if (record.error !== undefined) return { source, error: record.error };
  if (record.cells.length > header.length) {
    const cells = record.cells.length === 1 ? '1 cell' : `${record.cells.length} cells`;
    const counts = `${cells}, the header has ${header.length} columns`;
    const cellsOf = Object.fromEntries(record.cells.slice(0, 200).map((cell, index) => [header[index] ?? numberedColumn(index), cell]));
    return { source, error: `the row on line ${record.line} has ${counts}`, text: JSON.stringify(cellsOf) };
  }
  // defineProperty semantics (fromEntries) make a column called __proto__ plain data.
  const value: JsonObject = Object.fromEntries(header.map((name, index) => [name, record.cells[index] ?? '']));
  return record.cells.length < header.length ? { source, value, notes: [SHORT_ROW] } : { source, value };
}

/** As spreadsheets write rows whose last cells are empty. */
const SHORT_ROW: Note = {
  code: 'SHORT-ROW',
  level: 'note',
  message: 'Rows have fewer cells than the header; the missing last ones were taken as empty.',
};

function csvFailure(file: string, why: string, remedy: string): AppError {
  return new AppError({ code: 'E-FMT-CSV', message: `${file} cannot be read as CSV: ${why}.`, data: { file }, remedy });
}
