import type { ModelRecord, ModelState } from '../../shared/domain/model.ts';
import { modelStateSchema } from '../../shared/domain/model-state.ts';
import type { Database } from './database.ts';
import { withToldFacts } from './told-facts.ts';

interface Row {
  readonly id: string;
  readonly path: string;
  readonly name: string;
  readonly source: ModelRecord['source'];
  /** Null where it is longer than any that is written today. */
  readonly state_json: string | null;
  readonly added_at: string;
}

/** Characters of what is kept of a model: earlier versions kept whole templates, of megabytes. */
const MOST_STATE = 1_000_000;
const COLUMNS = `id, path, name, source, added_at, CASE WHEN length(state_json) <= ${MOST_STATE} THEN state_json END AS state_json`;

/** Model folders that are known, one row a path. */
export class Models {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** By name, then by path. */
  list(): readonly ModelRecord[] {
    return (this.#database.prepare(`SELECT ${COLUMNS} FROM models ORDER BY name COLLATE NOCASE, path`).all() as Row[]).map(parseRow);
  }

  get(id: string): ModelRecord | null {
    const row = this.#database.prepare(`SELECT ${COLUMNS} FROM models WHERE id = ?`).get(id) as Row | undefined;
    return row === undefined ? null : parseRow(row);
  }

  /** Adds a folder, or says anew what is known of it; its id, name and what it was first found as stay. A mere folder may still turn out to be more. */
  put({ id, path, name, source, addedAt, state }: ModelRecord): ModelRecord {
    const row = this.#database
      .prepare(`
      INSERT INTO models (id, path, name, source, state_json, added_at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (path) DO UPDATE SET state_json = excluded.state_json,
        source = CASE WHEN excluded.source = 'folder' THEN source ELSE excluded.source END
      RETURNING ${COLUMNS}`)
      .get(id, path, name, source, JSON.stringify(state), addedAt) as Row;
    return parseRow(row);
  }

  remove(id: string): void {
    this.#database.prepare('DELETE FROM models WHERE id = ?').run(id);
  }
}

function parseRow({ id, path, name, source, state_json: json, added_at: addedAt }: Row): ModelRecord {
  return { id, path, name, source, addedAt, state: parseState(json, path) };
}

/** What is remembered of a folder can be read again from it, so one broken row must not hide all others. */
function parseState(json: string | null, path: string): ModelState {
  if (json === null) {
    return {
      kind: 'unusable',
      error: {
        code: 'MODEL-FACTS',
        message: `What an earlier version kept of ${path} is too large to be shown.`,
        data: { path },
        remedy: 'Open the folder again, or forget the model.',
      },
    };
  }
  try {
    return modelStateSchema.parse(withToldFacts(JSON.parse(json)));
  } catch (error) {
    return {
      kind: 'unusable',
      error: {
        code: 'REGISTRY-ROW',
        message: `What the registry knows of ${path} cannot be read: ${(error as Error).message}`,
        data: { table: 'models', path },
        remedy: 'Open the folder again.',
      },
    };
  }
}
