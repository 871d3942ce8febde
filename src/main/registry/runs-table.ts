import type { Database } from './database.ts';

/** A row of `runs` with its recipe; JSON columns are left as text for the service that knows their types. */
export interface RunRow {
  readonly id: string;
  readonly name: string;
  readonly dir: string;
  readonly recipe_hash: string;
  readonly model_id: string | null;
  readonly model_name: string;
  readonly model_path: string;
  readonly dataset_version_id: string | null;
  readonly dataset_name: string;
  readonly dataset_rows: number | null;
  readonly device: string;
  readonly threads: number | null;
  readonly host: 'studio' | 'cli';
  readonly status_json: string;
  readonly step: number;
  readonly total_steps: number;
  readonly attempt: number;
  readonly resumed_from: number | null;
  readonly started_json: string | null;
  readonly data_json: string | null;
  readonly memory_json: string | null;
  readonly progress_json: string | null;
  readonly stop_requested: number;
  readonly host_pid: number | null;
  readonly engine_pid: number | null;
  readonly heartbeat_at: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  /** What a person has written down. */
  readonly notes: string;
  /** Who asked for it, where that was not a person's form. */
  readonly origin: 'tour' | null;
}

export type NewRun = Pick<
  RunRow,
  | 'id'
  | 'name'
  | 'dir'
  | 'recipe_hash'
  | 'model_id'
  | 'model_name'
  | 'model_path'
  | 'dataset_version_id'
  | 'dataset_name'
  | 'dataset_rows'
  | 'device'
  | 'threads'
  | 'host'
  | 'status_json'
  | 'created_at'
> &
  Partial<Pick<RunRow, 'origin'>>;

type Column = Exclude<keyof RunRow, 'id'>;

/** The runs, whoever runs them. */
export class RunsTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** An earlier run of the same folder gives way: the folder holds the new one. */
  insert(run: NewRun): void {
    this.#database
      .transaction(() => {
        this.#database.prepare('DELETE FROM runs WHERE dir = ? AND id <> ?').run(run.dir, run.id);
        const columns = Object.keys(run);
        this.#database.prepare(`INSERT INTO runs (${columns.join(', ')}) VALUES (${columns.map((name) => `@${name}`).join(', ')})`).run(run);
      })
      .immediate();
  }

  /** Changes the columns given, and only those. */
  update(id: string, values: Partial<Pick<RunRow, Column>>): void {
    const columns = Object.keys(values);
    if (columns.length === 0) return;
    this.#database.prepare(`UPDATE runs SET ${columns.map((name) => `${name} = @${name}`).join(', ')} WHERE id = @id`).run({ ...values, id });
  }

  /** The same, unless the status has changed from `statusJson` meanwhile. */
  updateIf(id: string, statusJson: string, values: Partial<Pick<RunRow, Column>>): void {
    this.#database
      .transaction(() => {
        if (this.get(id)?.status_json === statusJson) this.update(id, values);
      })
      .immediate();
  }

  get(id: string): RunRow | null {
    return this.#database.prepare<[string], RunRow>('SELECT * FROM runs WHERE id = ?').get(id) ?? null;
  }

  byDir(dir: string): RunRow | null {
    return this.#database.prepare<[string], RunRow>('SELECT * FROM runs WHERE dir = ?').get(dir) ?? null;
  }

  /** Newest first. */
  all(): readonly RunRow[] {
    return this.#database.prepare<[], RunRow>('SELECT * FROM runs ORDER BY created_at DESC, id').all();
  }

  /** Beats once. */
  touch(id: string, time: string): void {
    this.#database.prepare('UPDATE runs SET heartbeat_at = ? WHERE id = ?').run(time, id);
  }

  /** Asks the owner to stop; asking again asks to end at once. */
  requestStop(id: string): void {
    this.#database.prepare('UPDATE runs SET stop_requested = min(2, stop_requested + 1) WHERE id = ?').run(id);
  }

  stopRequested(id: string): number {
    return (
      this.#database.prepare<[string], { readonly stop_requested: number }>('SELECT stop_requested FROM runs WHERE id = ?').get(id)?.stop_requested ??
      0
    );
  }

  delete(id: string): void {
    this.#database.prepare('DELETE FROM runs WHERE id = ?').run(id);
  }
}
