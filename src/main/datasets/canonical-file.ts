import { canonicalRowSchema, type CanonicalRow, type DatasetFormat, type ImportedDataset } from '../../shared/domain/dataset.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { hashFile } from './hash-file.ts';
import { readLines } from './read-lines.ts';

/** What a row would have been read from. */
const FORMATS: { readonly [K in CanonicalRow['kind']]: DatasetFormat } = {
  text: 'text',
  messages: 'messages',
  'prompt-completion': 'prompt-completion',
  'chat-prompt-completion': 'prompt-completion',
};

/**
 * Rows as the studio keeps them, where they lie: nothing is converted, so what is trained is what the studio would train. Each line is checked.
 * @throws AppError E-FILE, DATASET-CANONICAL naming the line that is no row
 */
export async function readCanonicalFile(file: string): Promise<ImportedDataset> {
  const contentHash = await hashFile(file);
  let rows = 0;
  let format: DatasetFormat | null = null;
  for await (const line of readLines(file)) {
    const { kind } = parseRow(line, file, ++rows);
    format ??= FORMATS[kind];
  }
  if (format === null) throw notCanonical(file, 1, 'the file has no row');
  return { file, format, rows, badRows: 0, badRowSamples: [], badRowsFile: null, findings: [], contentHash };
}

function parseRow(line: string, file: string, number: number): CanonicalRow {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw notCanonical(file, number, 'it is not valid JSON');
  }
  const { success, data, error } = canonicalRowSchema.safeParse(json);
  if (success) return data;
  throw notCanonical(file, number, error.issues[0]?.message ?? 'it has another shape');
}

function notCanonical(file: string, line: number, why: string): AppError {
  return new AppError({
    code: 'DATASET-CANONICAL',
    message: `Line ${line} of ${file} is not a row as the studio keeps it: ${why}.`,
    data: { file, line },
    remedy: 'Set dataset.format to "auto" for a file of your own; a version of the studio is exported from its Datasets screen.',
  });
}
