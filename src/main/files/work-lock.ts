/**
 * @file Folders that somebody is at work in. A lock beside such a folder says so until it is let go or its process ends, so that what a crash
 * left behind is told from what is being written: no age of a file and no clock decides (docs/adr/0015).
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../shared/lib/app-error.ts';
import { makeFolder, remove } from './folders.ts';
import { lockState, OsLock } from './os-lock.ts';

const ENDING = '.lock';

export interface WorkClaim {
  /** The work is done, or given up. */
  release(): void;
}

/**
 * To be called before the folder is made. Where the file system keeps no locks there is nothing to hold, and nothing is swept either.
 * @throws AppError NOT-OURS; the system's own error where the lock cannot be made
 */
export async function claimWork(folder: string): Promise<WorkClaim> {
  await makeFolder(dirname(folder));
  try {
    const lock = OsLock.tryTake(folder + ENDING);
    return { release: () => lock?.release({ remove: true }) };
  } catch (error) {
    if (error instanceof AppError && error.code === 'FILE-LOCK') return { release: () => undefined };
    throw error;
  }
}

/**
 * Removes folders that nobody works in and nobody knows, with the locks that crashes have left beside them.
 * @param isOurs whether a name is that of such a folder
 * @param isKnown asked after it was seen that nobody works there: who has finished is known before the lock is let go
 */
export async function sweepWork(root: string, isOurs: (name: string) => boolean, isKnown: (name: string) => boolean): Promise<void> {
  // A folder before its lock.
  for (const name of (await readdir(root).catch(() => [])).sort()) {
    const folder = join(root, name.endsWith(ENDING) ? name.slice(0, -ENDING.length) : name);
    if (!isOurs(folder.slice(root.length + 1)) || isWorkedOn(folder)) continue;
    if (name !== folder.slice(root.length + 1)) removeIdleLock(folder);
    else if (!isKnown(name)) await remove(folder);
  }
}

function isWorkedOn(folder: string): boolean {
  try {
    return lockState(folder + ENDING) === 'held';
  } catch {
    // What cannot be known is left alone.
    return true;
  }
}

/** One whose folder has gone. */
function removeIdleLock(folder: string): void {
  if (!existsSync(folder)) OsLock.tryTake(folder + ENDING)?.release({ remove: true });
}
