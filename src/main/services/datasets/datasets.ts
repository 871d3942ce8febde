/**
 * @file Datasets in the data folder. A file is imported once for each way of reading it: the folder's name is the hash of
 * its bytes, of its extension and of the options, so a changed file is another version and an unchanged one costs nothing.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { z } from 'zod';
import type { DataFolder } from '../../../shared/domain/data-folder.ts';
import { badRowSchema, datasetFormatSchema, type ImportedDataset } from '../../../shared/domain/dataset.ts';
import { findingSchema } from '../../../shared/domain/finding.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import { canonicalJson } from '../../../shared/lib/canonical-json.ts';
import { writeError } from '../../../shared/lib/write-error.ts';
import { move, remove } from '../../files/folders.ts';
import { AtomicFile } from '../../files/line-file.ts';
import type { ColumnMapping } from '../../datasets/import-plan.ts';
import { runTask } from '../../worker-host/workers.ts';

/** Raised when the importer reads the same file differently than before. */
const IMPORT_VERSION = 3;
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
  const about = { about: file, signal: options.signal };
  if (format === 'canonical') return runTask('canonical', { file }, about);
  const hash = await runTask('hash', { file }, about);
  const key = createHash('sha256')
    .update(canonicalJson({ version: IMPORT_VERSION, hash, extension: extname(file).toLowerCase(), format, mapping, pairs, encoding }))
    .digest('hex');
  const outDir = join(folder.datasets, key.slice(0, 32));
  const earlier = await readRecord(outDir);
  if (earlier) return earlier;
  // Beside its place until it is whole: a worker that was broken off leaves nothing among what counts.
  const fresh = `${outDir}.${randomUUID()}.new`;
  try {
    const dataset = await runTask(
      'import',
      {
        file,
        outDir: fresh,
        pairs,
        ...(format === 'auto' ? {} : { format }),
        ...(encoding === 'auto' ? {} : { encoding }),
        // The importer names what no format has.
        ...(mapping === null ? {} : { mapping: mapping as ColumnMapping }),
      },
      { ...about, onProgress: ({ bytesDone, bytesTotal }) => options.onProgress(bytesDone, bytesTotal) },
    );
    await writeRecord(fresh, dataset);
    return (await settle(fresh, outDir))!;
  } finally {
    await remove(fresh);
  }
}

/** Puts a finished import in its place; one that another process has put there meanwhile stays. */
async function settle(fresh: string, place: string): Promise<ImportedDataset | null> {
  const earlier = await readRecord(place);
  if (earlier !== null) return earlier;
  try {
    await remove(place);
    await move(fresh, place);
  } catch (error) {
    const other = await readRecord(place);
    if (other === null) throw writeError(place, error);
  }
  return readRecord(place);
}

/** The import that lies in a folder, or null where there is none that is whole. */
async function readRecord(folder: string): Promise<ImportedDataset | null> {
  try {
    const { bytes, dataset } = recordSchema.parse(JSON.parse(await readFile(join(folder, RECORD_FILE), 'utf8')));
    const file = join(folder, 'rows.jsonl');
    // A copy that somebody changed is another dataset than the one asked for.
    if ((await stat(file)).size !== bytes || (await runTask('hash', { file }, { about: file })) !== dataset.contentHash) return null;
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
