import type { Database } from './database.ts';

export interface DatasetEntry {
  readonly id: string;
  readonly name: string;
  readonly source_name: string;
  /** Our copy of the file; null where it was read in place. */
  readonly source_file: string | null;
  readonly origin: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface VersionEntry {
  readonly id: string;
  readonly dataset_id: string;
  readonly number: number;
  readonly format: string;
  readonly file: string;
  readonly rows: number;
  readonly bad_rows: number;
  readonly bad_rows_file: string | null;
  readonly bad_row_samples_json: string;
  /** Sentences of imports before findings were kept; `[]` since. */
  readonly notices_json: string;
  readonly findings_json: string | null;
  readonly content_hash: string;
  readonly created_at: string;
}

const VERSION = `INSERT INTO dataset_versions (id, dataset_id, number, format, file, rows, bad_rows, bad_rows_file, bad_row_samples_json, notices_json, findings_json, content_hash, created_at)
  VALUES (@id, @dataset_id, @number, @format, @file, @rows, @bad_rows, @bad_rows_file, @bad_row_samples_json, @notices_json, @findings_json, @content_hash, @created_at)`;

/** Datasets and their versions: one without the other is never seen. */
export class DatasetsTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  insert(dataset: DatasetEntry, version: VersionEntry): void {
    this.#database
      .transaction(() => {
        this.#database
          .prepare(
            'INSERT INTO datasets (id, name, source_name, source_file, origin, created_at, updated_at) VALUES (@id, @name, @source_name, @source_file, @origin, @created_at, @updated_at)',
          )
          .run(dataset);
        this.#database.prepare(VERSION).run(version);
      })
      .immediate();
  }

  addVersion(version: VersionEntry): void {
    this.#database
      .transaction(() => {
        this.#database.prepare(VERSION).run(version);
        this.touch(version.dataset_id, version.created_at);
      })
      .immediate();
  }

  touch(id: string, time: string): void {
    this.#database.prepare('UPDATE datasets SET updated_at = ? WHERE id = ?').run(time, id);
  }

  rename(id: string, name: string): void {
    this.#database.prepare('UPDATE datasets SET name = ? WHERE id = ?').run(name, id);
  }

  delete(id: string): void {
    this.#database.prepare('DELETE FROM datasets WHERE id = ?').run(id);
  }

  get(id: string): DatasetEntry | null {
    return this.#database.prepare<[string], DatasetEntry>('SELECT * FROM datasets WHERE id = ?').get(id) ?? null;
  }

  byOrigin(origin: string): DatasetEntry | null {
    return this.#database.prepare<[string], DatasetEntry>('SELECT * FROM datasets WHERE origin = ?').get(origin) ?? null;
  }

  /** Last changed first. */
  all(): readonly DatasetEntry[] {
    return this.#database.prepare<[], DatasetEntry>('SELECT * FROM datasets ORDER BY updated_at DESC, id').all();
  }

  /** Newest first. */
  versions(datasetId: string): readonly VersionEntry[] {
    return this.#database.prepare<[string], VersionEntry>('SELECT * FROM dataset_versions WHERE dataset_id = ? ORDER BY number DESC').all(datasetId);
  }

  version(id: string): VersionEntry | null {
    return this.#database.prepare<[string], VersionEntry>('SELECT * FROM dataset_versions WHERE id = ?').get(id) ?? null;
  }

  /** Names of runs that use a version of the dataset and are not over. */
  activeRuns(datasetId: string): readonly string[] {
    return this.#database
      .prepare<[string], { readonly name: string }>(`SELECT runs.name FROM runs JOIN dataset_versions ON dataset_versions.id = runs.dataset_version_id
      WHERE dataset_versions.dataset_id = ? AND json_extract(runs.status_json, '$.kind') IN ('queued', 'preparing', 'running', 'stopping')`)
      .all(datasetId)
      .map(({ name }) => name);
  }

  /** Runs that were trained on a version of the dataset, newest first. */
  runsOf(datasetId: string): readonly { readonly id: string; readonly name: string; readonly number: number; readonly status_json: string }[] {
    return this.#database
      .prepare<
        [string],
        { readonly id: string; readonly name: string; readonly number: number; readonly status_json: string }
      >(`SELECT runs.id, runs.name, dataset_versions.number, runs.status_json
      FROM runs JOIN dataset_versions ON dataset_versions.id = runs.dataset_version_id WHERE dataset_versions.dataset_id = ? ORDER BY runs.created_at DESC`)
      .all(datasetId);
  }
}
