/** Streams a canonical JSONL file in batches, checking each line: the file may have been edited or cut since its import. */
import { createReadStream } from 'node:fs';
import { canonicalRowSchema, type CanonicalRow } from '../../../shared/domain/dataset.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { byteLines } from '../../../shared/lib/byte-lines.ts';

export interface RowBatch {
  readonly rows: readonly CanonicalRow[];
  /** Bytes of the file behind us. */
  readonly bytes: number;
}

/**
 * @param onBytes sees every byte of the file, in order
 * @throws AppError DATASET-CANONICAL naming the line that is no canonical row.
 * @throws the signal's reason when aborted.
 */
export async function* readCanonicalRows(
  file: string,
  batchSize: number,
  signal: AbortSignal,
  onBytes: (bytes: Uint8Array) => void = () => undefined,
): AsyncGenerator<RowBatch> {
  signal.throwIfAborted();
  const stream = createReadStream(file, { signal });
  let rows: CanonicalRow[] = [];
  let lineNumber = 0;
  try {
    for await (const lines of byteLines(seen(stream, onBytes))) {
      for (const line of lines) {
        lineNumber++;
        if (line === '') continue;
        rows.push(parseRow(line, file, lineNumber));
        if (rows.length < batchSize) continue;
        signal.throwIfAborted();
        yield { rows, bytes: stream.bytesRead };
        rows = [];
      }
    }
    signal.throwIfAborted();
    if (rows.length > 0) yield { rows, bytes: stream.bytesRead };
  } catch (error) {
    signal.throwIfAborted(); // the stream's own AbortError hides the caller's reason
    throw error;
  } finally {
    stream.destroy();
  }
}

async function* seen(chunks: AsyncIterable<Uint8Array>, onBytes: (bytes: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onBytes(chunk);
    yield chunk;
  }
}

function parseRow(line: string, file: string, lineNumber: number): CanonicalRow {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw notCanonical(file, lineNumber, 'it is not valid JSON', error);
  }
  const parsed = canonicalRowSchema.safeParse(json);
  if (!parsed.success) throw notCanonical(file, lineNumber, parsed.error.issues[0]?.message ?? 'it has the wrong shape', parsed.error);
  return parsed.data;
}

function notCanonical(file: string, line: number, reason: string, cause: unknown): AppError {
  return new AppError(
    {
      code: 'DATASET-CANONICAL',
      message: `Line ${line} of ${file} is not a dataset row: ${reason}.`,
      data: { file, line },
      remedy: 'Import the dataset again.',
    },
    cause,
  );
}
