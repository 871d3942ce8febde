import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../shared/lib/app-error.ts';
import { writeError } from '../../../shared/lib/write-error.ts';
import { makeFolder } from '../../files/folders.ts';
import { OsLock } from '../../files/os-lock.ts';
import { RUN_LOCKS } from '../../files/run-locks.ts';

/** Somebody who only looks at the lock has it for a moment. */
const TRIES = 25;
const PAUSE = 20;

/**
 * Makes this process the only one that trains in a folder, until it ends: no call lets go, since whatever the process still does might write.
 * @throws AppError RUN-ACTIVE, NOT-OURS, FILE-LOCK, FILE-DENIED, FILE-WRITE, DISK-FULL
 */
export async function holdRun(dir: string): Promise<void> {
  try {
    await makeFolder(dir);
    for (let tries = 0; tries < TRIES; tries++) {
      if (OsLock.tryTake(join(dir, RUN_LOCKS.engine)) !== null) return;
      await delay(PAUSE);
    }
  } catch (error) {
    throw writeError(dir, error);
  }
  throw new AppError({
    code: 'RUN-ACTIVE',
    message: `${dir}: another engine trains in this folder.`,
    data: { dir },
    remedy: 'Wait until it ends, or stop it.',
  });
}
