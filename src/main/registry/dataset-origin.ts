import type { Database } from './database.ts';

/** Id of the one dataset that Tunesmith brought along under this name, or null. */
export function datasetOfOrigin(database: Database, origin: 'starter'): string | null {
  const row = database.prepare<[string], { readonly id: string }>('SELECT id FROM datasets WHERE origin = ?').get(origin);
  return row?.id ?? null;
}
