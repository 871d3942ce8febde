/**
 * @file Imported datasets: their versions, and the working copy that is edited. Files first, registry last: what is listed is whole.
 * Long, for it is every call of the noun, a few lines each; the work is in the files beside it.
 */
import { randomUUID } from 'node:crypto';
import { basename, dirname, extname, join } from 'node:path';
import type {
  DatasetSource,
  DatasetSummary,
  DatasetVersion,
  EditState,
  FileSketch,
  ImportUpdate,
  Reading,
  RowEdit,
  RowPage,
} from '../../../shared/domain/dataset-record.ts';
import type { BadRow, ImportedDataset } from '../../../shared/domain/dataset.ts';
import type { Upload } from '../../../shared/domain/upload.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { AsyncQueue } from '../../../shared/lib/async-queue.ts';
import { EditedRows } from '../../datasets/edited-rows.ts';
import type { ColumnMapping } from '../../datasets/import-plan.ts';
import type { MendedRow } from '../../datasets/mend-rows.ts';
import type { RowFile } from '../../datasets/row-file.ts';
import { pathInside, removeInside } from '../../files/folders.ts';
import { claimWork, sweepWork } from '../../files/work-lock.ts';
import { DatasetEditsTable, type EditEntry } from '../../registry/dataset-edits-table.ts';
import { DatasetsTable, type DatasetEntry, type VersionEntry } from '../../registry/datasets-table.ts';
import { runTask } from '../../worker-host/workers.ts';
import type { ServiceContext } from '../context.ts';
import { listed, versionEntry, versionOf } from './dataset-entries.ts';
import { checkRowEdit, withPlainText } from './row-edits.ts';
import { assertFits, openRows, RowPages } from './row-pages.ts';
import { Uploads } from './uploads.ts';
import { VersionSaver } from './version-saver.ts';

const PROGRESS_INTERVAL = 100;

export class DatasetLibrary {
  readonly #context: ServiceContext;
  readonly #datasets: DatasetsTable;
  readonly #edits: DatasetEditsTable;
  readonly #uploads: Uploads;
  /** The last files and working copies used, by version: pages of one dataset come one after another. */
  readonly #files = new Map<string, Promise<RowFile>>();
  readonly #copies = new Map<string, { readonly stamp: string; readonly rows: EditedRows }>();
  readonly #saver: VersionSaver;

  constructor(context: ServiceContext) {
    this.#context = context;
    this.#datasets = new DatasetsTable(context.registry.database);
    this.#edits = new DatasetEditsTable(context.registry.database);
    this.#uploads = new Uploads(context.data.root);
    this.#saver = new VersionSaver({
      registry: context.registry,
      datasets: this.#datasets,
      edits: this.#edits,
      newest: (id) => this.#newest(this.#entry(id).id),
      copy: (version) => this.#copy(version),
      folder: (id) => this.#folder(id),
      write: (version, journal, count, target) => this.#write(version, journal, { first: 0, count }, target),
    });
  }

  /** Removes what crashes and changes of mind have left behind. For the start of a studio, not of a command. */
  async sweep(): Promise<void> {
    await this.#uploads.sweep(() => new Set(this.#datasets.all().flatMap(({ source_file: file }) => (file === null ? [] : [file]))));
    await sweepWork(
      join(this.#context.data.datasets, 'library'),
      (name) => !name.startsWith('.'),
      (id) => this.#datasets.get(id) !== null,
    );
  }

  /** Takes a file that the page sends, chunk by chunk, into the data folder. @throws AppError DISK-FULL, FILE-DENIED, FILE-WRITE */
  receive(fileName: string, body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Upload> {
    return this.#uploads.receive(fileName, body, signal);
  }

  /** Of what an import found, lists tell the sentences; `get` names the rows. */
  list(): readonly DatasetSummary[] {
    return this.#datasets.all().map((entry) => {
      const summary = this.#summary(entry);
      return { ...summary, version: listed(summary.version) };
    });
  }

  /** @throws AppError DATASET-UNKNOWN */
  get(id: string): DatasetSummary {
    return this.#summary(this.#entry(id));
  }

  /** The bundled dataset, if it has been imported. */
  byOrigin(origin: 'starter'): DatasetSummary | null {
    const entry = this.#datasets.byOrigin(origin);
    return entry === null ? null : this.#summary(entry);
  }

  async sketch(source: DatasetSource, reading: Reading, signal?: AbortSignal): Promise<FileSketch> {
    const file = await this.#uploads.fileOf(source);
    return runTask('sketch', { file, reading }, { about: basename(file), signal });
  }

  /**
   * Imports a file as a new dataset; breaking off or failing leaves nothing behind but the file that was sent.
   * @param origin marks the bundled dataset
   * @throws AppError of `importDataset`
   */
  import(
    source: DatasetSource,
    name: string | null,
    reading: Reading,
    signal: AbortSignal,
    origin: 'starter' | null = null,
  ): AsyncIterable<ImportUpdate> {
    const updates = new AsyncQueue<ImportUpdate>();
    let told = -Infinity;
    const work = async () => {
      const file = await this.#uploads.fileOf(source);
      const id = randomUUID();
      // Until it is listed, nothing but this says that it is no leftover.
      const claim = await claimWork(this.#folder(id));
      try {
        const imported = await this.#importInto(id, file, reading, signal, (progress) => {
          if (performance.now() - told < PROGRESS_INTERVAL) return;
          told = performance.now();
          updates.push({ kind: 'progress', ...progress });
        });
        const now = new Date().toISOString();
        await this.#list(id, versionEntry(id, 1, imported, now), {
          name: name ?? basename(file, extname(file)),
          source_name: basename(file),
          source_file: source.kind === 'upload' ? file : null,
          origin,
          created_at: now,
          updated_at: now,
        });
        if (source.kind === 'upload') this.#uploads.settle(file);
      } finally {
        claim.release();
      }
      updates.push({ kind: 'done', dataset: this.get(id) });
    };
    work().then(
      () => updates.end(),
      (error: unknown) => updates.fail(error),
    );
    return updates;
  }

  rename(id: string, name: string): Promise<DatasetSummary> {
    return this.#context.registry.write(() => {
      this.#entry(id);
      this.#datasets.rename(id, name);
      return this.get(id);
    });
  }

  /** Deletes the dataset with our files; a file read in place stays. @throws AppError DATASET-UNKNOWN, DATASET-IN-USE */
  async remove(id: string): Promise<void> {
    const entry = await this.#context.registry.write(() => {
      const found = this.#entry(id);
      const users = this.#datasets.activeRuns(id);
      if (users.length > 0)
        throw new AppError({
          code: 'DATASET-IN-USE',
          message: `${found.name} is being trained on by ${users.join(', ')}.`,
          remedy: 'Stop the run first.',
        });
      this.#datasets.delete(id);
      return found;
    });
    await this.#removeFolder(id);
    if (entry.source_file !== null) await this.#uploads.discard(entry.source_file);
  }

  /** Rows of the working copy. @throws AppError DATASET-UNKNOWN, DATASET-FILE */
  async rows(id: string, offset: number, limit: number): Promise<RowPage> {
    const version = this.#newest(this.#entry(id).id);
    const copy = this.#copy(version);
    const pages = new RowPages(await this.#file(version), limit);
    return { total: copy.state.rows, offset, rows: pages.fitted(await copy.page(offset, limit, (numbers) => pages.read(numbers))) };
  }

  /** Rows that the newest version's import refused. */
  async badRows(id: string, offset: number, limit: number): Promise<{ readonly total: number; readonly rows: readonly BadRow[] }> {
    const { bad_rows: total, bad_rows_file: file } = this.#newest(this.#entry(id).id);
    if (file === null) return { total, rows: [] };
    return runTask('bad-rows', { file, offset, limit }, { about: 'The list of refused rows' });
  }

  /**
   * Takes rows that the import set aside into the working copy, as a person has mended them; each is an edit that can be undone.
   * Returns those that still cannot be used. @throws AppError DATASET-UNKNOWN, IMPORT-PLAN
   */
  async mend(
    id: string,
    rows: readonly MendedRow[],
    seenVersion: string | null = null,
  ): Promise<{ readonly taken: number; readonly refused: readonly BadRow[]; readonly edits: EditState }> {
    const { bad_rows_file: file } = this.#newest(this.#entry(id).id);
    const read = await runTask('mend', { folder: file === null ? join(this.#folder(id), 'v1') : dirname(file), rows }, { about: 'The mended row' });
    const refused: BadRow[] = [];
    let edits = this.get(id).edits;
    for (const row of read) {
      if ('kind' in row) edits = await this.edit(id, { kind: 'add', row }, seenVersion);
      else refused.push(row);
    }
    return { taken: read.length - refused.length, refused, edits };
  }

  /**
   * @param seenVersion the version whose rows the person saw: the keys of an edit mean nothing on another
   * @throws AppError DATASET-UNKNOWN, DATASET-CHANGED, ROW-UNKNOWN, ROW-EMPTY, ROW-KIND, ROW-TOO-LONG
   */
  async edit(id: string, edit: RowEdit, seenVersion: string | null = null): Promise<EditState> {
    const newest = this.#newest(this.#entry(id).id);
    const file = await this.#file(newest);
    const kind = await file.kind();
    const hasPlain = kind === 'chat-prompt-completion' && (await this.#hasPlain(newest, file));
    if (edit.kind !== 'delete') assertFits(edit.row);
    if (edit.kind === 'replace' && edit.key < newest.rows && !this.#copy(newest).isReplaced(edit.key))
      await new RowPages(file, 1).assertWhole(edit.key);
    return this.#change(id, seenVersion ?? newest.id, (version) => {
      const copy = this.#copy(version);
      checkRowEdit(edit, kind, (key) => copy.has(key));
      this.#edits.append(version.id, JSON.stringify(withPlainText(edit, hasPlain)));
    });
  }

  undo(id: string, seenVersion: string | null = null): Promise<EditState> {
    return this.#change(id, seenVersion, ({ id: versionId }) => this.#edits.undo(versionId));
  }

  redo(id: string, seenVersion: string | null = null): Promise<EditState> {
    return this.#change(id, seenVersion, ({ id: versionId }) => this.#edits.redo(versionId));
  }

  /** Newest first. */
  versions(id: string): readonly DatasetVersion[] {
    return this.#datasets.versions(this.#entry(id).id).map((version) => listed(versionOf(version)));
  }

  /** The working copy as a version: a new one when edits are pending, else the newest. @throws AppError DATASET-EMPTY, DISK-FULL, FILE-WRITE */
  async save(id: string): Promise<DatasetVersion> {
    return versionOf(await this.#saver.save(id));
  }

  /** An earlier version's rows as the newest version; pending edits become a version of their own before. @throws AppError as `save` */
  async restore(versionId: string): Promise<DatasetVersion> {
    const wanted = this.#datasets.version(versionId);
    if (wanted === null) throw unknown(versionId);
    return versionOf(await this.#saver.restore(wanted));
  }

  /** @throws AppError DATASET-UNKNOWN */
  version(versionId: string): DatasetVersion {
    const entry = this.#datasets.version(versionId);
    if (entry === null) throw unknown(versionId);
    return versionOf(entry);
  }

  /** Rows of the working copy with their whole text as a file of their own. @throws AppError DATASET-UNKNOWN, DISK-FULL, FILE-DENIED, FILE-WRITE */
  writeRows(
    id: string,
    window: { readonly first: number; readonly count: number },
    target: string,
    signal: AbortSignal,
  ): Promise<{ readonly rows: number }> {
    const newest = this.#newest(this.#entry(id).id);
    return this.#write(newest, this.#edits.all(newest.id), window, target, signal);
  }

  #write(
    { dataset_id: dataset, file, rows }: VersionEntry,
    journal: readonly EditEntry[],
    { first, count }: { readonly first: number; readonly count: number },
    target: string,
    signal?: AbortSignal,
  ) {
    return runTask('write-rows', { file, rows, journal, first, count, target }, { about: this.#entry(dataset).name, signal });
  }

  async #importInto(
    id: string,
    file: string,
    reading: Reading,
    signal: AbortSignal,
    onProgress: (progress: Omit<Extract<ImportUpdate, { kind: 'progress' }>, 'kind'>) => void,
  ): Promise<ImportedDataset> {
    const { format, mapping, pairs, encoding } = reading;
    try {
      return await runTask(
        'import',
        {
          file,
          pairs,
          outDir: join(this.#folder(id), 'v1'),
          ...(format === 'auto' ? {} : { format }),
          ...(encoding === 'auto' ? {} : { encoding }),
          ...(mapping === null ? {} : { mapping: mapping as ColumnMapping }),
        },
        { about: file, signal, onProgress },
      );
    } catch (error) {
      await this.#removeFolder(id);
      throw error;
    }
  }

  /** A dataset whose files lie ready; without a place in the registry they go again. */
  async #list(id: string, version: VersionEntry, entry: Omit<DatasetEntry, 'id'>): Promise<void> {
    try {
      // Two studios may take the same name at once.
      await this.#context.registry.write(() => this.#datasets.insert({ ...entry, id, name: this.#freeName(entry.name) }, version));
    } catch (error) {
      await this.#removeFolder(id);
      throw error;
    }
  }

  /** A change of the working copy that the person saw, unless it has been saved elsewhere meanwhile. */
  async #change(id: string, seenVersion: string | null, change: (version: VersionEntry) => void): Promise<EditState> {
    const changed = await this.#context.registry.write(() => {
      const version = this.#newest(this.#entry(id).id);
      if (seenVersion !== null && seenVersion !== version.id) {
        throw new AppError({
          code: 'DATASET-CHANGED',
          message: `Meanwhile these rows were saved as version ${version.number}, in another window or another Tunesmith: this edit is of the rows before.`,
          data: { version: version.number },
          remedy: 'Look at the rows as they are now, and make the edit again.',
        });
      }
      change(version);
      this.#datasets.touch(id, new Date().toISOString());
      return version;
    });
    // Not before it is certain: what a failed change would have made must not be remembered.
    return this.#copy(changed).state;
  }

  #summary(entry: DatasetEntry): DatasetSummary {
    const version = this.#newest(entry.id);
    return {
      id: entry.id,
      name: entry.name,
      sourceName: entry.source_name,
      createdAt: entry.created_at,
      updatedAt: entry.updated_at,
      version: versionOf(version),
      edits: this.#copy(version).state,
    };
  }

  #copy(version: VersionEntry): EditedRows {
    // Another studio may have edited the same rows.
    const stamp = this.#edits.stamp(version.id);
    const known = this.#copies.get(version.id);
    const copy = known?.stamp === stamp ? known : { stamp, rows: new EditedRows(version.rows, this.#edits.all(version.id)) };
    remember(this.#copies, version.id, copy);
    return copy.rows;
  }

  #file(version: VersionEntry): Promise<RowFile> {
    const file = this.#files.get(version.id) ?? openRows(version.file);
    // A file that could not be opened is tried again the next time.
    file.catch(() => this.#files.delete(version.id));
    remember(this.#files, version.id, file);
    return file;
  }

  /** Whether pairs keep their text without turns. */
  async #hasPlain(version: VersionEntry, file: RowFile): Promise<boolean> {
    const [first] = await new RowPages(file, 1).read([0]);
    return version.rows > 0 && first?.kind === 'chat-prompt-completion' && first.plain !== undefined;
  }

  #newest(datasetId: string): VersionEntry {
    return this.#datasets.versions(datasetId)[0]!;
  }

  #entry(id: string): DatasetEntry {
    const entry = this.#datasets.get(id);
    if (entry === null) throw unknown(id);
    return entry;
  }

  /** An id that came with somebody's registry may be a path, and lead anywhere. @throws AppError NOT-OURS */
  #folder(id: string): string {
    return pathInside(join(this.#context.data.datasets, 'library'), id);
  }

  async #removeFolder(id: string): Promise<void> {
    return removeInside(join(this.#context.data.datasets, 'library'), this.#folder(id));
  }

  #freeName(wanted: string): string {
    const names = new Set(this.#datasets.all().map(({ name }) => name));
    let name = wanted;
    for (let i = 2; names.has(name); i++) name = `${wanted} (${i})`;
    return name;
  }
}

const REMEMBERED = 8;

function remember<T>(cache: Map<string, T>, key: string, value: T): void {
  cache.delete(key);
  cache.set(key, value);
  if (cache.size > REMEMBERED) cache.delete(cache.keys().next().value!);
}

function unknown(id: string): AppError {
  return new AppError({
    code: 'DATASET-UNKNOWN',
    message: 'There is no such dataset; it may have been deleted.',
    data: { id },
    remedy: 'Choose a dataset from the list.',
  });
}
