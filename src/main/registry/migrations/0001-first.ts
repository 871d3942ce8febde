import type { Migration } from './migration.ts';

/** Times are ISO 8601 in UTC; columns named `*_json` hold JSON that `src/shared/domain` types and the repositories parse. */
export const first: Migration = {
  version: 1,
  name: 'first',
  sql: `
    CREATE TABLE settings (
      key TEXT PRIMARY KEY,
      value_json TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE models (
      id TEXT PRIMARY KEY,
      path TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      source TEXT NOT NULL CHECK (source IN ('folder', 'hub-cache', 'starter')),
      state_json TEXT NOT NULL,
      added_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE datasets (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      -- The file as the person knew it, and our copy of it (null where it was read in place).
      source_name TEXT NOT NULL,
      source_file TEXT,
      -- 'starter' for the bundled one; null otherwise.
      origin TEXT UNIQUE,
      created_at TEXT NOT NULL,
      updated_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE dataset_versions (
      id TEXT PRIMARY KEY,
      dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      format TEXT NOT NULL,
      file TEXT NOT NULL,
      rows INTEGER NOT NULL,
      bad_rows INTEGER NOT NULL,
      bad_rows_file TEXT,
      bad_row_samples_json TEXT NOT NULL,
      notices_json TEXT NOT NULL,
      content_hash TEXT NOT NULL,
      created_at TEXT NOT NULL,
      UNIQUE (dataset_id, number)
    ) STRICT;

    -- The working copy: edits on top of a version, in order. What was undone stays until the next edit, for redo.
    CREATE TABLE dataset_edits (
      version_id TEXT NOT NULL REFERENCES dataset_versions (id) ON DELETE CASCADE,
      seq INTEGER NOT NULL,
      edit_json TEXT NOT NULL,
      undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
      PRIMARY KEY (version_id, seq)
    ) STRICT, WITHOUT ROWID;

    -- By content: runs with equal settings share a row.
    CREATE TABLE recipes (
      hash TEXT PRIMARY KEY,
      recipe_json TEXT NOT NULL,
      created_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE runs (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      dir TEXT NOT NULL UNIQUE,
      recipe_hash TEXT NOT NULL REFERENCES recipes (hash),
      model_id TEXT REFERENCES models (id) ON DELETE SET NULL,
      model_name TEXT NOT NULL,
      model_path TEXT NOT NULL,
      dataset_version_id TEXT REFERENCES dataset_versions (id) ON DELETE SET NULL,
      dataset_name TEXT NOT NULL,
      dataset_rows INTEGER,
      device TEXT NOT NULL,
      threads INTEGER,
      host TEXT NOT NULL CHECK (host IN ('studio', 'cli')),
      status_json TEXT NOT NULL,
      step INTEGER NOT NULL DEFAULT 0,
      total_steps INTEGER NOT NULL DEFAULT 0,
      -- Engine processes so far; metrics after resumed_from of an earlier attempt are gone.
      attempt INTEGER NOT NULL DEFAULT 0,
      resumed_from INTEGER,
      started_json TEXT,
      data_json TEXT,
      memory_json TEXT,
      -- What goes on before the first step; null afterwards.
      progress_json TEXT,
      -- 0 no, 1 save and end, 2 end at once; asked by whoever is not the run's host.
      stop_requested INTEGER NOT NULL DEFAULT 0,
      host_pid INTEGER,
      engine_pid INTEGER,
      heartbeat_at TEXT,
      created_at TEXT NOT NULL,
      started_at TEXT,
      ended_at TEXT
    ) STRICT;
    CREATE INDEX runs_by_creation ON runs (created_at DESC);

    CREATE TABLE metrics (
      run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      step INTEGER NOT NULL,
      epoch REAL NOT NULL,
      loss REAL NOT NULL,
      grad_norm REAL NOT NULL,
      learning_rate REAL NOT NULL,
      num_tokens INTEGER NOT NULL,
      target_tokens INTEGER NOT NULL,
      seconds REAL NOT NULL,
      elapsed_seconds REAL NOT NULL,
      PRIMARY KEY (run_id, step)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE log_lines (
      run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      seq INTEGER NOT NULL,
      time TEXT NOT NULL,
      level TEXT NOT NULL CHECK (level IN ('info', 'warning', 'error')),
      message TEXT NOT NULL,
      PRIMARY KEY (run_id, seq)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE checkpoints (
      run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      step INTEGER NOT NULL,
      path TEXT NOT NULL,
      created_at TEXT NOT NULL,
      PRIMARY KEY (run_id, step)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE generations (
      id TEXT PRIMARY KEY,
      model_id TEXT REFERENCES models (id) ON DELETE SET NULL,
      model_name TEXT NOT NULL,
      request_json TEXT NOT NULL,
      answers_json TEXT NOT NULL,
      seconds REAL NOT NULL,
      created_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX generations_by_creation ON generations (created_at DESC);
  `,
};
