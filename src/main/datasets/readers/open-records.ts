import { basename, extname } from 'node:path';
import type { Encoding } from '../../../shared/domain/dataset.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { NoteTaker } from '../finding-book.ts';
import { readCsv } from './csv.ts';
import { readChunks, type ChunkOptions } from './file-chunks.ts';
import { refuseForeignKinds } from './file-kind.ts';
import { findEncoding } from './find-encoding.ts';
import { readJsonArray } from './json-array.ts';
import { readJsonl } from './jsonl.ts';
import { sniffJson } from './sniff-json.ts';
import type { SourceRecord } from './source-record.ts';

export interface OpenOptions extends ChunkOptions {
  readonly onNote?: NoteTaker | undefined;
  /** Columns that a person has mapped. */
  readonly mapped?: readonly string[] | undefined;
}

type Container = 'jsonl' | 'json-array' | 'csv' | 'tsv';

/** Bytes after which the encoding is taken as known: it is the same for the whole file. */
const ENCODING_BYTES = 64 * 1024 * 1024;

/**
 * The records of a dataset file, by its extension and, for JSON, by what is really in it. Calling it again
 * reads the file again. Throws `AppError` `E-FMT-FILE` for a kind of file we do not read, and what the readers throw.
 */
export async function* openRecords(file: string, options: OpenOptions = {}): AsyncGenerator<SourceRecord, void, undefined> {
  const encoding = options.encoding ?? (await foundEncoding(file, options));
  const read = { ...options, encoding };
  const container = await containerOf(file, read);
  const chunks = readChunks(file, read);
  if (container === 'jsonl') yield* readJsonl(chunks);
  else if (container === 'json-array') yield* readJsonArray(file, chunks);
  else {
    const delimiter = container === 'tsv' ? '\t' : undefined;
    yield* readCsv(file, chunks, { delimiter, onNote: options.onNote, mapped: options.mapped });
  }
}

/** Looks into the file before it is read as text. @throws AppError E-FILE-KIND for what is no text */
async function foundEncoding(file: string, { signal, onNote }: OpenOptions): Promise<Encoding> {
  const { encoding, marked } = await findEncoding(firstBytes(file, signal));
  if (encoding !== 'utf-8') {
    onNote?.({
      code: 'ENCODING',
      level: marked ? 'note' : 'warning',
      message: `The file is not UTF-8; it was read as ${encoding}${marked ? ', as its first bytes say' : ', judged by its bytes'}.`,
      remedy: marked
        ? undefined
        : 'Look at the first rows: if their characters are wrong, choose the encoding (dataset.encoding), or save the file as UTF-8.',
    });
  }
  return encoding;
}

async function* firstBytes(file: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer, void, undefined> {
  let done = 0;
  for await (const chunk of readChunks(file, { signal })) {
    if (done === 0) refuseForeignKinds(file, chunk.subarray(0, 64));
    done += chunk.length;
    yield chunk;
    if (done >= ENCODING_BYTES) return;
  }
}

async function containerOf(file: string, options: OpenOptions): Promise<Container> {
  const extension = extname(file).toLowerCase();
  switch (extension) {
    case '.csv':
      return 'csv';
    case '.tsv':
    case '.tab':
      return 'tsv';
    case '.jsonl':
    case '.ndjson': {
      const found = await sniffJson(readChunks(file, { signal: options.signal, encoding: options.encoding }));
      if (found.kind === 'spread-objects' || (found.kind === 'one-object' && found.spread)) throw spreadFailure(file);
      if (found.kind !== 'array-of-objects') return 'jsonl';
      options.onNote?.({
        code: 'CONTAINER',
        level: 'note',
        message: `${basename(file)} holds one JSON array, not one object a line; it was read as JSON.`,
      });
      return 'json-array';
    }
    case '.json':
      return jsonContainer(file, options);
    default:
      throw new AppError({
        code: 'E-FMT-FILE',
        message: `${file}: files ending in "${extension}" are not read.`,
        data: { file, extension },
        remedy: remedyFor(extension),
      });
  }
}

async function jsonContainer(file: string, options: OpenOptions): Promise<Container> {
  const found = await sniffJson(readChunks(file, { signal: options.signal, encoding: options.encoding }));
  switch (found.kind) {
    case 'array':
    case 'array-of-objects':
      return 'json-array';
    case 'lines':
    case 'empty':
      if (found.kind === 'lines')
        options.onNote?.({ code: 'CONTAINER', level: 'note', message: `${basename(file)} holds one object a line; it was read as JSONL.` });
      return 'jsonl';
    case 'one-object':
      throw jsonFailure(file, 'is one object', { keys: found.keys });
    case 'spread-objects':
      throw spreadFailure(file);
  }
}

function spreadFailure(file: string): AppError {
  return jsonFailure(file, 'holds objects that spread over more than one line each', {});
}

function jsonFailure(file: string, what: string, data: { readonly keys?: readonly string[] }): AppError {
  const keys = data.keys === undefined || data.keys.length === 0 ? '' : ` with the keys ${data.keys.join(', ')}`;
  return new AppError({
    code: 'E-FMT-JSON',
    message: `${file} ${what}${keys}, not an array of rows.`,
    data: { file, ...data },
    remedy: 'Put every row into one top-level array [ {…}, {…} ], or write one object a line (JSONL).',
  });
}

function remedyFor(extension: string): string {
  if (extension === '.txt')
    return 'Plain text does not say where a row ends. Write one object a line, {"text": "…"}, and call it .jsonl; a .txt that already holds that, or comma-separated columns, only needs to be renamed to .jsonl or .csv.';
  if (extension === '.parquet' || extension === '.arrow')
    return 'Export it as JSONL or CSV; in Python: datasets.load_dataset(…)["train"].to_json("rows.jsonl").';
  if (extension === '.xlsx' || extension === '.xls') return 'Save the sheet as CSV UTF-8.';
  return 'Give a .jsonl, .ndjson, .json, .csv or .tsv file.';
}
