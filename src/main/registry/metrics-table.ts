import { MAIN_METRIC, type MetricName, type MetricPoint, type MetricValues } from '../../shared/domain/metrics.ts';
import type { Database } from './database.ts';

interface Row {
  readonly step: number;
  readonly values_json: string;
}

/** Points of the curves, by run and step: reading on from a step is one seek of the primary key. */
export class MetricsTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All of them or none; a step told twice keeps the later values. A value that is no number is no value. */
  insert(runId: string, points: readonly MetricPoint[]): void {
    const put = this.#database.prepare('INSERT OR REPLACE INTO metrics (run_id, step, values_json) VALUES (?, ?, ?)');
    this.#database
      .transaction(() => {
        for (const { step, values } of points) put.run(runId, step, JSON.stringify(values));
      })
      .immediate();
  }

  after(runId: string, step: number, limit: number): readonly MetricPoint[] {
    return this.#database
      .prepare<[string, number, number], Row>('SELECT step, values_json FROM metrics WHERE run_id = ? AND step > ? ORDER BY step LIMIT ?')
      .all(runId, step, limit)
      .map(pointOf);
  }

  /** The newest points, newest first. */
  last(runId: string, limit: number): readonly MetricPoint[] {
    return this.#database
      .prepare<[string, number], Row>('SELECT step, values_json FROM metrics WHERE run_id = ? ORDER BY step DESC LIMIT ?')
      .all(runId, limit)
      .map(pointOf);
  }

  /** At most `count` values of a metric, evenly over the steps 1 to `last`: a seek each, however long the run was. */
  sample(runId: string, last: number, count: number, name: MetricName = MAIN_METRIC): readonly number[] {
    const at = this.#database.prepare<[string, string, number, number], { readonly step: number; readonly value: number | null }>(
      'SELECT step, values_json ->> ? AS value FROM metrics WHERE run_id = ? AND step >= ? AND step <= ? ORDER BY step LIMIT 1',
    );
    const found = new Map<number, number>();
    const parts = Math.min(count, last);
    for (let i = 0; i < parts; i++) {
      const row = at.get(name, runId, parts === 1 ? last : Math.round(1 + (i * (last - 1)) / (parts - 1)), last);
      if (typeof row?.value === 'number') found.set(row.step, row.value);
    }
    return [...found.values()];
  }

  deleteAfter(runId: string, step: number): void {
    this.#database.prepare('DELETE FROM metrics WHERE run_id = ? AND step > ?').run(runId, step);
  }
}

function pointOf({ step, values_json: json }: Row): MetricPoint {
  return { step, values: JSON.parse(json) as MetricValues };
}
