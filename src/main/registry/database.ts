/**
 * @file The registry's file: one SQLite database in the data folder, shared by every process of ours (the studio and the
 * command line at once). WAL lets one write while others read.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { AppError } from '../../shared/lib/app-error.ts';
import { makeFolderSync } from '../files/folders.ts';
import { lockHolder } from './lock-holder.ts';
import { MIGRATIONS } from './migrations/all.ts';
import type { Migration } from './migrations/migration.ts';
import { faultOf } from './registry-faults.ts';

export type Database = Sqlite.Database;

/** Milliseconds that one statement holds up the loop for another process that is writing; what is worth it is tried again later. */
const BUSY_TIMEOUT = 25;
/** Milliseconds that opening waits for others, who may just be making the file, and between two tries. */
const OPEN_PATIENCE = 5000;
const OPEN_RETRY = 20;
/** Bytes of the smallest database there is. */
const SMALLEST = 512;

/**
 * Opens the registry, made or brought up to date as needed.
 * @param patience milliseconds to wait, without a turn of the loop, for a program that holds it
 * @throws AppError REGISTRY-NEWER when a newer Tunesmith has written it, REGISTRY-BUSY when another program holds it, REGISTRY-EMPTY when
 *   nothing is left of it, REGISTRY-BROKEN when it is no database or cannot be written
 */
export function openDatabase(file: string, migrations: readonly Migration[] = MIGRATIONS, patience = OPEN_PATIENCE): Database {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      makeFolderSync(dirname(file));
      refuseEmpty(file);
      return tryOpening(file, migrations);
    } catch (error) {
      // SQLite does not wait for everything it may find busy: turning to WAL, recovery after a crash and the last one's leaving are refused at once.
      const passing = faultOf(error) === 'busy' || (error instanceof AppError && error.code === 'REGISTRY-EMPTY');
      if (!passing || performance.now() > deadline) throw openingError(file, error);
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, OPEN_RETRY);
  }
}

function tryOpening(file: string, migrations: readonly Migration[]): Database {
  const database = new Sqlite(file, { timeout: BUSY_TIMEOUT });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    migrate(database, file, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite takes a file that was cut to nothing for a new database: a full studio would come back empty, without a word. */
function refuseEmpty(file: string): void {
  const { size } = statSync(file, { throwIfNoEntry: false }) ?? {};
  if (size === undefined || size >= SMALLEST || !hasWorkBeside(file)) return;
  throw new AppError({
    code: 'REGISTRY-EMPTY',
    message: `The registry ${file} is empty, although there are runs or datasets beside it: something has cut it off.`,
    data: { file, size },
    remedy:
      'Put back a copy of it. Without one, move the empty file away and start again: the studio begins with empty lists, the folders of runs and datasets stay, and "tunesmith resume --out DIR" goes on with a run and lists it again.',
  });
}

function hasWorkBeside(file: string): boolean {
  return ['runs', join('datasets', 'library')].some((name) => {
    const folder = join(dirname(file), name);
    return existsSync(folder) && readdirSync(folder).length > 0;
  });
}

function openingError(file: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (faultOf(error) === 'busy') {
    return new AppError(
      {
        code: 'REGISTRY-BUSY',
        message: `Another program${lockHolder(file)} holds the registry ${file}, so it cannot be opened now. It is not damaged.`,
        data: { file },
        remedy: 'Wait, or close that program (another Tunesmith, a viewer of databases, a backup), then try again.',
      },
      error,
    );
  }
  return new AppError(
    {
      code: 'REGISTRY-BROKEN',
      message: `The registry ${file} cannot be opened: ${(error as Error).message}.`,
      data: { file },
      remedy:
        'Check that the folder can be written and has room, or give another one (--data). If the file is damaged, move it away: the folders of runs stay as they are, and "tunesmith resume --out DIR" goes on with one and lists it again.',
    },
    error,
  );
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
