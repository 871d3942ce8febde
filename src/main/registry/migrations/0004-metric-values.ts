import type { Migration } from './migration.ts';

/**
 * Points hold whatever was measured, as JSON of the names of `shared/domain/metrics.ts`: a metric more is no migration, and one of an
 * evaluation lacks what a training step has. One row a point and no row a value: reading a curve stays one seek, and a point is written
 * whole. Seventeen digits, since JSON functions keep fifteen.
 */
export const metricValues: Migration = {
  version: 4,
  name: 'metric-values',
  sql: `
    CREATE TABLE metric_points (
      run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      step INTEGER NOT NULL,
      values_json TEXT NOT NULL CHECK (json_type(values_json) = 'object'),
      PRIMARY KEY (run_id, step)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO metric_points SELECT run_id, step, printf(
      '{"epoch":%!.17g,"loss":%!.17g,"grad_norm":%!.17g,"learning_rate":%!.17g,"num_tokens":%d,"target_tokens":%d,"seconds":%!.17g,"elapsed_seconds":%!.17g}',
      epoch, loss, grad_norm, learning_rate, num_tokens, target_tokens, seconds, elapsed_seconds) FROM metrics;
    DROP TABLE metrics;
    ALTER TABLE metric_points RENAME TO metrics;
  `,
};
