import { AppError } from '../../../shared/lib/app-error.ts';
import { CsvParser, TooManyOpenQuotes, type CsvRecord } from './csv-parser.ts';
import { encodingFailure } from './file-chunks.ts';
import { quoted, type JsonObject, type SourceRecord } from './source-record.ts';

const delimiters = [',', ';', '\t', '|'] as const;

export interface CsvOptions {
  /** Fixed by the extension (.tsv); otherwise the character the header line holds most often. */
  readonly delimiter?: string | undefined;
  readonly onNotice?: ((notice: string) => void) | undefined;
}

/**
 * One record a CSV row, cells as strings under the header's names; `source` counts the rows after the header.
 * A row with another number of cells than the header, or broken quotes, is an error record that names its line.
 *
 * Throws `AppError` `E-FMT-COLS` (no usable header), `E-FMT-CSV` (quotes that never close, old Mac line ends)
 * or `E-FILE-ENCODING`.
 */
export async function* readCsv(
  file: string,
  chunks: AsyncIterable<Buffer>,
  options: CsvOptions = {},
): AsyncGenerator<SourceRecord, void, undefined> {
  let parser: CsvParser | null = null;
  let header: readonly string[] | null = null;
  let source = 0;
  for await (const { text, last } of decode(file, chunks)) {
    parser ??= new CsvParser(options.delimiter ?? guessDelimiter(file, text, options.onNotice));
    for (const record of guarded(file, parser.push(text, last))) {
      if (header === null) {
        header = checkHeader(file, record, options.onNotice);
        continue;
      }
      source += 1;
      yield toRow(source, header, record);
    }
  }
}

async function* decode(file: string, chunks: AsyncIterable<Buffer>) {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let done = 0;
  for await (const chunk of chunks) {
    yield { text: decodePiece(file, decoder, chunk, done), last: false };
    done += chunk.length;
  }
  yield { text: decodePiece(file, decoder, null, done), last: true };
}

function decodePiece(file: string, decoder: TextDecoder, chunk: Buffer | null, offset: number): string {
  try {
    return chunk === null ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    // TextDecoder does not say where; the chunk's place is the best a message can give.
    throw encodingFailure(file, `a byte at or after position ${offset.toLocaleString('en')} belongs to no UTF-8 character`);
  }
}

function* guarded(file: string, records: Iterable<CsvRecord>): Generator<CsvRecord, void, undefined> {
  try {
    yield* records;
  } catch (error) {
    if (!(error instanceof TooManyOpenQuotes)) throw error;
    throw csvFailure(file, error.message, 'Quote every cell that holds a quote, and double the quotes inside it.');
  }
}

function guessDelimiter(file: string, text: string, onNotice: CsvOptions['onNotice']): string {
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
  if (best !== ',') onNotice?.(`Cells are separated by ${best === '\t' ? 'tabs' : quoted(best)}, as in the header line.`);
  return best;
}

function checkHeader(file: string, record: CsvRecord, onNotice: CsvOptions['onNotice']): readonly string[] {
  if (record.error !== undefined) throw csvFailure(file, `in the header, ${record.error}`, 'Repair the first line.');
  const names = record.cells.map((cell, index) => {
    const name = cell.trim();
    if (name === '') onNotice?.(`Column ${index + 1} has no name in the header; it is called "column ${index + 1}".`);
    return name === '' ? `column ${index + 1}` : name;
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

function toRow(source: number, header: readonly string[], record: CsvRecord): SourceRecord {
  if (record.error !== undefined) return { source, error: record.error };
  if (record.cells.length !== header.length) {
    const cells = record.cells.length === 1 ? '1 cell' : `${record.cells.length} cells`;
    const counts = `${cells}, the header has ${header.length} columns`;
    return { source, error: `the row on line ${record.line} has ${counts}` };
  }
  // defineProperty semantics (fromEntries) make a column called __proto__ plain data.
  const value: JsonObject = Object.fromEntries(header.map((name, index) => [name, record.cells[index]]));
  return { source, value };
}

function csvFailure(file: string, why: string, remedy: string): AppError {
  return new AppError({ code: 'E-FMT-CSV', message: `${file} cannot be read as CSV: ${why}.`, data: { file }, remedy });
}
