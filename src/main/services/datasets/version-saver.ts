/**
 * @file Makes versions of a dataset. Rows are written to a folder that nobody else knows; the number, and whether they are still what
 * is to be saved, is decided in the transaction that lists them. Another studio may edit or save the same dataset meanwhile.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import { writeError } from '../../../shared/lib/write-error.ts';
import type { EditedRows } from '../../datasets/edited-rows.ts';
import { makeFolder, remove } from '../../files/folders.ts';
import { copyFileAtomically } from '../../files/write-file.ts';
import type { DatasetEditsTable, EditEntry } from '../../registry/dataset-edits-table.ts';
import type { DatasetsTable, VersionEntry } from '../../registry/datasets-table.ts';
import type { Registry } from '../../registry/registry.ts';

/** Times that a save begins again because somebody else has edited meanwhile. */
const TRIES = 5;

export interface VersionSource {
  readonly registry: Registry;
  readonly datasets: DatasetsTable;
  readonly edits: DatasetEditsTable;
  /** @throws AppError DATASET-UNKNOWN */
  newest(datasetId: string): VersionEntry;
  copy(version: VersionEntry): EditedRows;
  /** Writes the version's rows with the edits of a journal. */
  write(
    version: VersionEntry,
    journal: readonly EditEntry[],
    count: number,
    target: string,
  ): Promise<{ readonly rows: number; readonly contentHash: string }>;
  /** Where the dataset's versions lie. */
  folder(datasetId: string): string;
}

export class VersionSaver {
  readonly #source: VersionSource;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(source: VersionSource) {
    this.#source = source;
  }

  /** The working copy as a version: a new one when edits are pending, else the newest. */
  save(id: string): Promise<VersionEntry> {
    return this.#next(() => this.#save(id));
  }

  /** An earlier version's rows as the newest version; pending edits become a version of their own before. */
  restore(wanted: VersionEntry): Promise<VersionEntry> {
    return this.#next(() => this.#restore(wanted));
  }

  /** One after another: two at once would write the same rows twice. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#saving.then(work);
    this.#saving = done.catch(() => undefined);
    return done;
  }

  async #save(id: string): Promise<VersionEntry> {
    const { copy: copyOf, newest, edits, write } = this.#source;
    for (let i = 0; i < TRIES; i++) {
      const base = newest(id);
      const [stamp, journal] = [edits.stamp(base.id), edits.all(base.id)];
      const copy = copyOf(base);
      if (copy.state.pending === 0) return base;
      if (copy.state.rows === 0)
        throw new AppError({
          code: 'DATASET-EMPTY',
          message: 'Every row has been deleted: there is nothing to save.',
          remedy: 'Undo, or add a row.',
        });
      const saved = await this.#add(id, base, stamp, async (folder) => {
        const file = join(folder, 'rows.jsonl');
        const { contentHash, rows } = await write(base, journal, copy.state.rows, file);
        return { ...base, file, rows, content_hash: contentHash };
      });
      if (saved !== null) return saved;
    }
    throw changed();
  }

  async #restore(wanted: VersionEntry): Promise<VersionEntry> {
    const id = wanted.dataset_id;
    for (let i = 0; i < TRIES; i++) {
      const newest = await this.#save(id);
      if (newest.content_hash === wanted.content_hash) return newest;
      const restored = await this.#add(id, newest, this.#source.edits.stamp(newest.id), async (folder) => {
        const file = join(folder, 'rows.jsonl');
        await copyFileAtomically(wanted.file, file);
        return { ...wanted, file };
      });
      if (restored !== null) return restored;
    }
    throw changed();
  }

  /** Lists the version that `write` makes on top of `base`. @returns null where base or its edits have changed meanwhile */
  async #add(id: string, base: VersionEntry, stamp: string, write: (folder: string) => Promise<VersionEntry>): Promise<VersionEntry | null> {
    const { registry, datasets, edits, newest, folder: folderOf } = this.#source;
    const folder = join(folderOf(id), randomUUID());
    let added: VersionEntry | null = null;
    try {
      await makeFolder(folder).catch((error: unknown) => {
        throw writeError(folder, error);
      });
      const version = await write(folder);
      added = await registry.write(() => {
        if (newest(id).id !== base.id || edits.stamp(base.id) !== stamp) return null;
        const entry: VersionEntry = { ...version, id: randomUUID(), number: base.number + 1, created_at: new Date().toISOString() };
        datasets.addVersion(entry);
        return entry;
      });
      return added;
    } finally {
      if (added === null) await remove(folder);
    }
  }
}

function changed(): AppError {
  return new AppError({
    code: 'DATASET-CHANGED',
    message: 'The dataset was changed elsewhere again and again while it was being saved.',
    remedy: 'All edits are kept. Save again when nobody else edits it.',
  });
}
