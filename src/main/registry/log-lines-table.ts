import type { LogLine } from '../../shared/domain/run-record.ts';
import type { Database } from './database.ts';

/** Lines kept of a run; the whole log is the run folder's events.jsonl. */
const KEPT = 10_000;

/** What was said during a run, in order. */
export class LogLinesTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  append(runId: string, { time, level, message }: Omit<LogLine, 'seq'>): void {
    this.#database
      .transaction(() => {
        const seq =
          (this.#database.prepare<[string], { readonly last: number | null }>('SELECT max(seq) AS last FROM log_lines WHERE run_id = ?').get(runId)
            ?.last ?? 0) + 1;
        this.#database
          .prepare('INSERT INTO log_lines (run_id, seq, time, level, message) VALUES (?, ?, ?, ?, ?)')
          .run(runId, seq, time, level, message);
        this.#database.prepare('DELETE FROM log_lines WHERE run_id = ? AND seq <= ?').run(runId, seq - KEPT);
      })
      .immediate();
  }

  after(runId: string, seq: number, limit: number): readonly LogLine[] {
    return this.#database
      .prepare<[string, number, number], LogLine>('SELECT seq, time, level, message FROM log_lines WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?')
      .all(runId, seq, limit);
  }
}
