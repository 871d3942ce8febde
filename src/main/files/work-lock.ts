/**
 * @file Folders that somebody is at work in. A lock beside such a folder says so until it is let go or its process ends, so that what a crash
 * left behind is told from what is being written: no age of a file and no clock decides (docs/adr/0015).
 */
import { existsSync } from 'node:fs';
import { lockState, OsLock } from './os-lock.ts';

const ENDING = '.lock';

export interface WorkClaim {
  /** The work is done, or given up. */
  release(): void;
}

/** To be called before the folder is made. @throws AppError FILE-LOCK, NOT-OURS; the system's own error where the lock cannot be made */
export function claimWork(folder: string): WorkClaim {
  const lock = OsLock.tryTake(folder + ENDING);
  if (lock === null) throw new Error(`internal: ${folder} is worked on already`);
  return { release: () => lock.release({ remove: true }) };
}

export function isWorkedOn(folder: string): boolean {
  return lockState(folder + ENDING) === 'held';
}

/** The folder that a name beside it is the lock of; null where it is none. */
export function workOf(name: string): string | null {
  return name.endsWith(ENDING) ? name.slice(0, -ENDING.length) : null;
}

/** Removes the lock of a folder that has gone. */
export function removeIdleLock(folder: string): void {
  if (existsSync(folder)) return;
  OsLock.tryTake(folder + ENDING)?.release({ remove: true });
}
