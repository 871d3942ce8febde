import { basename, extname } from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import { readCsv } from './csv.ts';
import { readChunks, type ChunkOptions } from './file-chunks.ts';
import { readJsonArray } from './json-array.ts';
import { readJsonl } from './jsonl.ts';
import { sniffJson } from './sniff-json.ts';
import type { SourceRecord } from './source-record.ts';

export interface OpenOptions extends ChunkOptions {
  readonly onNotice?: ((notice: string) => void) | undefined;
}

type Container = 'jsonl' | 'json-array' | 'csv' | 'tsv';

/**
 * The records of a dataset file, by its extension and, for JSON, by what is really in it. Calling it again
 * reads the file again. Throws `AppError` `E-FMT-FILE` for a kind of file we do not read, and what the readers throw.
 */
export async function* openRecords(file: string, options: OpenOptions = {}): AsyncGenerator<SourceRecord, void, undefined> {
  const container = await containerOf(file, options);
  const chunks = readChunks(file, options);
  if (container === 'jsonl') yield* readJsonl(chunks);
  else if (container === 'json-array') yield* readJsonArray(file, chunks);
  else {
    const delimiter = container === 'tsv' ? '\t' : undefined;
    yield* readCsv(file, chunks, { delimiter, onNotice: options.onNotice });
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
      const found = await sniffJson(readChunks(file, { signal: options.signal }), true);
      if (found.kind !== 'array-of-objects') return 'jsonl';
      options.onNotice?.(`${basename(file)} holds one JSON array, not one object a line; it was read as JSON.`);
      return 'json-array';
    }
    case '.json':
      return jsonContainer(file, options);
    default:
      throw new AppError({
        code: 'E-FMT-FILE',
        message: `${file}: files ending in "${extension}" are not read.`,
        data: { file, extension },
        remedy: 'Give a .jsonl, .ndjson, .json, .csv or .tsv file.',
      });
  }
}

async function jsonContainer(file: string, options: OpenOptions): Promise<Container> {
  const found = await sniffJson(readChunks(file, { signal: options.signal }));
  switch (found.kind) {
    case 'array':
    case 'array-of-objects':
      return 'json-array';
    case 'lines':
    case 'empty':
      if (found.kind === 'lines') options.onNotice?.(`${basename(file)} holds one object a line; it was read as JSONL.`);
      return 'jsonl';
    case 'one-object':
      throw jsonFailure(file, 'is one object', { keys: found.keys });
    case 'spread-objects':
      throw jsonFailure(file, 'holds several objects that spread over more than one line each', {});
  }
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
