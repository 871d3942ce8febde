import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DatasetRow } from '../../shared/domain/dataset-record.ts';
import { writeError } from '../../shared/lib/write-error.ts';
import { makeFolder, remove } from '../files/folders.ts';
import { createFile } from '../files/open-file.ts';
import type { DatasetLibrary } from './dataset-library.ts';

/** Rows asked for at once. */
const PAGE = 2000;

export interface RowsFile {
  /** Canonical JSONL. */
  readonly file: string;
  readonly rows: number;
  /** Removes the file. */
  dispose(): Promise<void>;
}

/**
 * Rows of a dataset with all pending edits as a file of their own, without saving a version.
 * @throws AppError of the dataset; DISK-FULL, FILE-DENIED, FILE-WRITE
 */
export async function writeWorkingCopy(datasets: Pick<DatasetLibrary, 'rows'>, id: string, window: { readonly first: number; readonly count: number }, folder: string, signal: AbortSignal): Promise<RowsFile> {
  const file = join(folder, `${randomUUID()}.jsonl`);
  const dispose = () => remove(file);
  const saving = <T>(work: Promise<T>) => work.catch((error: unknown): never => { throw writeError(folder, error); });
  await saving(makeFolder(folder));
  const handle = await saving(createFile(file));
  let written = 0;
  try {
    while (written < window.count) {
      signal.throwIfAborted();
      const { rows } = await datasets.rows(id, window.first + written, Math.min(PAGE, window.count - written));
      if (rows.length === 0) break;
      await saving(handle.appendFile(rows.map(lineOf).join('')));
      written += rows.length;
    }
    return { file, rows: written, dispose };
  } catch (error) {
    await dispose();
    throw error;
  } finally {
    await handle.close();
  }
}

function lineOf({ row }: DatasetRow): string {
  return `${JSON.stringify(row)}\n`;
}
