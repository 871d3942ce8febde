/**
 * @file Datasets in the data folder. A file is imported once for each way of reading it: the folder's name is the hash of
 * its bytes, of its extension and of the options, so a changed file is another version and an unchanged one costs nothing.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { z } from 'zod';
import type { DataFolder } from '../../shared/domain/data-folder.ts';
import { badRowSchema, datasetFormatSchema, type ImportedDataset } from '../../shared/domain/dataset.ts';
import { findingSchema } from '../../shared/domain/finding.ts';
import type { Recipe } from '../../shared/domain/recipe.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { canonicalJson } from '../../shared/lib/canonical-json.ts';
import { AtomicFile } from '../files/line-file.ts';
import { importDataset } from '../datasets/import-dataset.ts';
import type { ColumnMapping } from '../datasets/import-plan.ts';

/** Raised when the importer reads the same file differently than before. */
const IMPORT_VERSION = 2;
const RECORD_FILE = 'import.json';

const importedSchema = z.object({
  file: z.string(),
  format: datasetFormatSchema,
  rows: z.int().min(1),
  badRows: z.int().min(0),
  badRowSamples: z.array(badRowSchema),
  badRowsFile: z.string().nullable(),
  findings: z.array(findingSchema),
  contentHash: z.string(),
});
const recordSchema = z.object({ bytes: z.int(), dataset: importedSchema });

export interface DatasetImport {
  readonly signal: AbortSignal;
  /** Bytes of the file, read so far and in all. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * The recipe's dataset as canonical rows, imported now or found from before.
 * @throws AppError E-FILE when the file cannot be read, and those of the import
 */
export async function importForRecipe(recipe: Recipe, folder: DataFolder, options: DatasetImport): Promise<ImportedDataset> {
  const { file, format, mapping, pairs, encoding } = recipe.dataset;
  const hash = await hashFile(file, options.signal);
  const key = createHash('sha256').update(canonicalJson({ version: IMPORT_VERSION, hash, extension: extname(file).toLowerCase(), format, mapping, pairs, encoding })).digest('hex');
  const outDir = join(folder.datasets, key.slice(0, 32));
  const earlier = await readRecord(outDir);
  if (earlier) return earlier;
  const dataset = await importDataset({
    file,
    outDir,
    pairs,
    signal: options.signal,
    ...(format === 'auto' ? {} : { format }),
    ...(encoding === 'auto' ? {} : { encoding }),
    // The importer names what no format has.
    ...(mapping === null ? {} : { mapping: mapping as ColumnMapping }),
    onProgress: ({ bytesDone, bytesTotal }) => options.onProgress(bytesDone, bytesTotal),
  });
  await writeRecord(outDir, dataset);
  return dataset;
}

async function hashFile(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024, signal })) hash.update(chunk as Uint8Array);
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder, and a dataset is one file' : message;
    throw new AppError({ code: 'E-FILE', message: `The dataset ${file} cannot be read: ${why}.`, data: { file }, remedy: 'Check the path; one in a recipe counts from the folder of the recipe.' }, error);
  }
  return hash.digest('hex');
}

/** The import that lies in a folder, or null where there is none that is whole. */
async function readRecord(folder: string): Promise<ImportedDataset | null> {
  try {
    const { bytes, dataset } = recordSchema.parse(JSON.parse(await readFile(join(folder, RECORD_FILE), 'utf8')));
    const file = join(folder, 'rows.jsonl');
    if ((await stat(file)).size !== bytes) return null;
    // The data folder may have been moved since.
    return { ...dataset, file, badRowsFile: dataset.badRowsFile === null ? null : join(folder, 'bad-rows.jsonl') };
  } catch {
    // Missing, torn or of another version: importing again repairs each of these.
    return null;
  }
}

async function writeRecord(folder: string, dataset: ImportedDataset): Promise<void> {
  const { size } = await stat(dataset.file);
  const file = await AtomicFile.create(join(folder, RECORD_FILE));
  try {
    await file.writeLine(JSON.stringify({ bytes: size, dataset }, null, 2));
    await file.seal();
    await file.commit();
  } finally {
    await file.discard();
  }
}
