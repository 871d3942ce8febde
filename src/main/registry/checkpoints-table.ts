import type { Database } from './database.ts';

export interface CheckpointPlace {
  readonly step: number;
  readonly path: string;
}

/** Checkpoints on disk, as the run's owner last saw them. */
export class CheckpointsTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What the folder holds replaces what was known: old checkpoints are pruned by the engine. */
  replace(runId: string, checkpoints: readonly CheckpointPlace[]): void {
    this.#database
      .transaction(() => {
        const kept = new Set(checkpoints.map(({ step }) => step));
        for (const { step } of this.list(runId))
          if (!kept.has(step)) this.#database.prepare('DELETE FROM checkpoints WHERE run_id = ? AND step = ?').run(runId, step);
        const put = this.#database.prepare('INSERT OR IGNORE INTO checkpoints (run_id, step, path, created_at) VALUES (?, ?, ?, ?)');
        for (const { step, path } of checkpoints) put.run(runId, step, path, new Date().toISOString());
      })
      .immediate();
  }

  /** Oldest first. */
  list(runId: string): readonly CheckpointPlace[] {
    return this.#database.prepare<[string], CheckpointPlace>('SELECT step, path FROM checkpoints WHERE run_id = ? ORDER BY step').all(runId);
  }
}
