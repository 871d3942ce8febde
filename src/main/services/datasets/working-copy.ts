import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { writeError } from '../../../shared/lib/write-error.ts';
import { makeFolder, remove } from '../../files/folders.ts';
import type { DatasetLibrary } from './dataset-library.ts';

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
export async function writeWorkingCopy(
  datasets: Pick<DatasetLibrary, 'writeRows'>,
  id: string,
  window: { readonly first: number; readonly count: number },
  folder: string,
  signal: AbortSignal,
): Promise<RowsFile> {
  // A folder of its own: what a worker that was broken off leaves is known to be there.
  const own = join(folder, randomUUID());
  const dispose = () => remove(own);
  try {
    await makeFolder(own).catch((error: unknown): never => {
      throw writeError(folder, error);
    });
    const file = join(own, 'rows.jsonl');
    const { rows } = await datasets.writeRows(id, window, file, signal);
    return { file, rows, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
