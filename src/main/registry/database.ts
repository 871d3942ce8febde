/**
 * @file The registry's file: one SQLite database in the data folder, shared by every process of ours (the studio and the
 * command line at once). WAL lets one write while others read.
 */
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { AppError } from '../../shared/lib/app-error.ts';
import { makeFolderSync } from '../files/folders.ts';
import { MIGRATIONS } from './migrations/all.ts';
import type { Migration } from './migrations/migration.ts';

export type Database = Sqlite.Database;

/** Milliseconds to wait for another process that is writing. */
const BUSY_TIMEOUT = 10_000;

/**
 * Opens the registry, made or brought up to date as needed.
 * @throws AppError REGISTRY-NEWER when a newer Tunesmith has written it, REGISTRY-BROKEN when it is no database or cannot be written
 */
export function openDatabase(file: string, migrations: readonly Migration[] = MIGRATIONS): Database {
  let database: Database | null = null;
  try {
    makeFolderSync(dirname(file));
    database = new Sqlite(file, { timeout: BUSY_TIMEOUT });
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    migrate(database, file, migrations);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof AppError) throw error;
    throw new AppError({
      code: 'REGISTRY-BROKEN',
      message: `The registry ${file} cannot be opened: ${(error as Error).message}.`,
      data: { file },
      remedy: 'Check that the folder can be written and has room, or give another one (--data). If the file is damaged, move it away: the folders of runs stay as they are, and "tunesmith resume DIR" goes on with one and lists it again.',
    }, error);
  }
}

function migrate(database: Database, file: string, migrations: readonly Migration[]): void {
  const newest = migrations.at(-1)?.version ?? 0;
  const step = database.transaction((migration: Migration) => {
    // Another process may have been faster.
    if (versionOf(database) >= migration.version) return;
    database.exec(migration.sql);
    database.pragma(`user_version = ${migration.version}`);
  });
  const version = versionOf(database);
  if (version > newest) {
    throw new AppError({
      code: 'REGISTRY-NEWER',
      message: `The registry ${file} was written by a newer Tunesmith (version ${version}; this one reads up to ${newest}).`,
      data: { file, version, newest },
      remedy: 'Use the newer program, or another data folder (--data).',
    });
  }
  for (const migration of migrations) step.immediate(migration);
}

export function versionOf(database: Database): number {
  return database.pragma('user_version', { simple: true }) as number;
}
