import type { Database } from './database.ts';

/** One optimiser step as it was logged; names and units of the engine's `metrics` event. */
export interface MetricRow {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly grad_norm: number;
  readonly learning_rate: number;
  readonly num_tokens: number;
  readonly target_tokens: number;
  readonly seconds: number;
  readonly elapsed_seconds: number;
}

/** Points of the curves, by run and step: reading on from a step is one seek of the primary key. */
export class MetricsTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All of them or none; a step told twice keeps the later values. */
  insert(runId: string, rows: readonly MetricRow[]): void {
    const put = this.#database.prepare(`INSERT OR REPLACE INTO metrics (run_id, step, epoch, loss, grad_norm, learning_rate, num_tokens, target_tokens, seconds, elapsed_seconds)
      VALUES (@run_id, @step, @epoch, @loss, @grad_norm, @learning_rate, @num_tokens, @target_tokens, @seconds, @elapsed_seconds)`);
    this.#database.transaction(() => {
      for (const row of rows) put.run({ ...row, run_id: runId });
    }).immediate();
  }

  after(runId: string, step: number, limit: number): readonly MetricRow[] {
    return this.#database.prepare<[string, number, number], MetricRow>('SELECT * FROM metrics WHERE run_id = ? AND step > ? ORDER BY step LIMIT ?').all(runId, step, limit);
  }

  /** The newest rows, newest first. */
  last(runId: string, limit: number): readonly MetricRow[] {
    return this.#database.prepare<[string, number], MetricRow>('SELECT * FROM metrics WHERE run_id = ? ORDER BY step DESC LIMIT ?').all(runId, limit);
  }

  /** At most `count` losses, evenly over the steps 1 to `last`: a seek each, however long the run was. */
  sample(runId: string, last: number, count: number): readonly number[] {
    const at = this.#database.prepare<[string, number, number], { readonly step: number; readonly loss: number }>('SELECT step, loss FROM metrics WHERE run_id = ? AND step >= ? AND step <= ? ORDER BY step LIMIT 1');
    const losses = new Map<number, number>();
    const parts = Math.min(count, last);
    for (let i = 0; i < parts; i++) {
      const row = at.get(runId, parts === 1 ? last : Math.round(1 + (i * (last - 1)) / (parts - 1)), last);
      if (row) losses.set(row.step, row.loss);
    }
    return [...losses.values()];
  }

  deleteAfter(runId: string, step: number): void {
    this.#database.prepare('DELETE FROM metrics WHERE run_id = ? AND step > ?').run(runId, step);
  }
}
