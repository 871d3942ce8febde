import { canonicalRowSchema, type CanonicalRow } from '../../shared/domain/dataset.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { readChunks, type ChunkOptions } from './readers/file-chunks.ts';
import { readJsonl } from './readers/jsonl.ts';
import { maxRowBytes } from './readers/source-record.ts';

/** A canonical row may be longer than the user's: a control character is one byte of CSV and six of JSON. */
const longestRow = 8 * maxRowBytes;

/**
 * The rows that `importDataset` wrote, in order, each checked against the schema. Throws `AppError`
 * `E-DATASET-BROKEN` on the first line that is not a canonical row, and what `readChunks` throws.
 */
export async function* readCanonical(file: string, options: ChunkOptions = {}): AsyncGenerator<CanonicalRow, void, undefined> {
  for await (const record of readJsonl(readChunks(file, options), longestRow)) {
    if ('error' in record) throw broken(file, record.source, record.error);
    const parsed = canonicalRowSchema.safeParse(record.value);
    if (!parsed.success) throw broken(file, record.source, parsed.error.issues[0]?.message ?? 'not a canonical row');
    yield parsed.data;
  }
}

function broken(file: string, line: number, why: string): AppError {
  return new AppError({
    code: 'E-DATASET-BROKEN',
    message: `${file}, line ${line}: ${why}.`,
    data: { file, line },
    remedy: 'The imported copy was changed or cut: import the dataset again.',
  });
}
