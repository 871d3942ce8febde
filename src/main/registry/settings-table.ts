import type { Database } from './database.ts';

/** What a person has set, by name; values are JSON that the reader parses. */
export class SettingsTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  all(): ReadonlyMap<string, string> {
    const rows = this.#database.prepare<[], { readonly key: string; readonly value_json: string }>('SELECT key, value_json FROM settings').all();
    return new Map(rows.map(({ key, value_json: json }) => [key, json]));
  }

  /** All of them or none. */
  set(values: ReadonlyMap<string, string>): void {
    const put = this.#database.prepare(
      'INSERT INTO settings (key, value_json) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value_json = excluded.value_json',
    );
    this.#database
      .transaction(() => {
        for (const [key, json] of values) put.run(key, json);
      })
      .immediate();
  }
}
