import { z } from 'zod';
import { columnSchema, generateRequestSchema, type Generation } from '../../shared/domain/generation.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import type { Database } from './database.ts';

/** Prompts kept; older ones go when a new one comes. */
export const KEPT_GENERATIONS = 1000;

/** Characters of the prompts and answers of one list. */
const LISTED = 4 * 1024 * 1024;

const answersSchema = z.array(
  z.object({
    column: columnSchema,
    title: z.string(),
    text: z.string(),
    tokens: z.int(),
    finished: z.enum(['stop', 'length']).nullable(),
  }),
);

interface Row {
  readonly id: string;
  readonly model_id: string | null;
  readonly model_name: string;
  readonly request_json: string;
  readonly answers_json: string;
  readonly seconds: number;
  readonly created_at: string;
}

/** Prompts and their answers, newest first. */
export class Generations {
  readonly #database: Database;
  readonly #kept: number;

  constructor(database: Database, kept = KEPT_GENERATIONS) {
    this.#database = database;
    this.#kept = kept;
  }

  /** Adds one and lets go of those beyond the bound. A model that has been forgotten meanwhile leaves its name. */
  add({ id, modelId, modelName, request, answers, seconds, createdAt }: Generation): void {
    const insert = this.#database.prepare(`
      INSERT INTO generations (id, model_id, model_name, request_json, answers_json, seconds, created_at)
      VALUES (?, (SELECT id FROM models WHERE id = ?), ?, ?, ?, ?, ?)`);
    const trim = this.#database.prepare(
      'DELETE FROM generations WHERE rowid IN (SELECT rowid FROM generations ORDER BY created_at DESC, rowid DESC LIMIT -1 OFFSET ?)',
    );
    this.#database
      .transaction(() => {
        insert.run(id, modelId, modelName, JSON.stringify(request), JSON.stringify(answers), seconds, createdAt);
        trim.run(this.#kept);
      })
      .immediate();
  }

  /** As many as together have no more characters than a list may; the newest in any case. @throws AppError REGISTRY-ROW */
  list(limit: number): readonly Generation[] {
    const found: Generation[] = [];
    let left = LISTED;
    for (const row of this.#database
      .prepare<[number], Row>('SELECT * FROM generations ORDER BY created_at DESC, rowid DESC LIMIT ?')
      .iterate(limit)) {
      left -= row.request_json.length + row.answers_json.length;
      if (left < 0 && found.length > 0) break;
      found.push(parseRow(row));
    }
    return found;
  }

  /** Prompts that a run has answered, at whichever checkpoint. */
  countOfRun(runId: string): number {
    const { n } = this.#database
      .prepare<[string], { readonly n: number }>(
        "SELECT count(DISTINCT generations.id) AS n FROM generations, json_each(request_json, '$.columns') AS asked WHERE json_extract(asked.value, '$.runId') = ?",
      )
      .get(runId)!;
    return n;
  }

  remove(id: string): void {
    this.#database.prepare('DELETE FROM generations WHERE id = ?').run(id);
  }
}

function parseRow(row: Row): Generation {
  try {
    return {
      id: row.id,
      createdAt: row.created_at,
      modelId: row.model_id,
      modelName: row.model_name,
      request: generateRequestSchema.parse(JSON.parse(row.request_json)),
      answers: answersSchema.parse(JSON.parse(row.answers_json)),
      seconds: row.seconds,
    };
  } catch (error) {
    throw new AppError(
      {
        code: 'REGISTRY-ROW',
        message: `Row ${row.id} of generations in the registry cannot be read: ${(error as Error).message}`,
        data: { table: 'generations', id: row.id },
        remedy: 'Restore registry.sqlite in the data folder from a backup, or delete the row.',
      },
      error,
    );
  }
}
