/** @file Damage that SQLite does not meet by itself: it looks only at the pages it needs, and remembers those it has seen. */
import { statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { AppError } from '../../shared/lib/app-error.ts';
import { faultOf, registryError } from './registry-faults.ts';

/** Bytes of a file that is looked at as a whole, in some tens of milliseconds; of a larger one, the tables that all else hangs on. */
const WHOLE = 16 * 1024 * 1024;
const SMALL_TABLES = ['settings', 'models', 'datasets', 'dataset_versions', 'recipes', 'runs', 'checkpoints'];

/**
 * Null where nothing is wrong, or nothing can be said now. By a connection of its own, which has seen nothing yet. Never open the
 * file but by SQLite: closing it again would take the locks of every connection of this process.
 */
export function damageOf(file: string): AppError | null {
  let database: Sqlite.Database | null = null;
  try {
    const targets = statSync(file).size <= WHOLE ? [''] : SMALL_TABLES.map((name) => `('${name}')`);
    database = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 0 });
    for (const target of targets) {
      const said = database.pragma(`quick_check${target}`, { simple: true });
      if (said !== 'ok') throw new Sqlite.SqliteError(String(said).split('\n')[0]!.slice(0, 200), 'SQLITE_CORRUPT');
    }
    return null;
  } catch (error) {
    return faultOf(error) === 'damaged' ? (registryError(file, error) as AppError) : null;
  } finally {
    database?.close();
  }
}
