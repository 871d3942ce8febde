/**
 * @file Who works on a run. Two locks in its folder say it, kept by the system: no age of a file, no clock and no number of a process
 * decides. A folder without them is of a version that had none; for that one, its own rule counts.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../shared/lib/app-error.ts';
import { writeError } from '../../../shared/lib/write-error.ts';
import { lockHolder, type LockState, lockState, OsLock } from '../../files/os-lock.ts';
import { RUN_LOCKS } from '../../files/run-locks.ts';

/** Somebody who only looks at a lock has it for a moment; a claim is tried for so long (milliseconds) and so often. */
const TRIES = 25;
const PAUSE = 20;

export interface RunOwner {
  readonly kind: 'host' | 'engine';
  /** Null where the system does not let it be known. */
  readonly pid: number | null;
  /** Null where it is this one, or not known. */
  readonly machine: string | null;
}

/** Who has the run in this folder; `unclaimed` where no version with locks has ever worked in it. */
export function ownerOf(dir: string): RunOwner | 'nobody' | 'unclaimed' {
  const states = (['host', 'engine'] as const).map((kind) => [kind, stateOf(join(dir, RUN_LOCKS[kind]))] as const);
  const held = states.find(([, state]) => state === 'held');
  if (held) return described(dir, held[0]);
  return states.every(([, state]) => state === 'none') ? 'unclaimed' : 'nobody';
}

/** The right to work on a run: whoever holds it is the only one, on every process of this machine, until it is let go or the process ends. */
export class RunClaim {
  readonly dir: string;
  readonly #lock: OsLock;

  private constructor(dir: string, lock: OsLock) {
    this.dir = dir;
    this.#lock = lock;
  }

  /** @throws AppError RUN-ACTIVE, NOT-OURS, FILE-LOCK, FILE-DENIED, FILE-WRITE, DISK-FULL */
  static async take(dir: string): Promise<RunClaim> {
    for (let tries = 0; tries < TRIES; tries++) {
      const claim = RunClaim.tryTake(dir);
      if (claim !== null) return claim;
      await delay(PAUSE);
    }
    const owner = ownerOf(dir);
    throw runActive(dir, typeof owner === 'string' ? { kind: 'host', pid: null, machine: null } : owner);
  }

  /** The same without waiting; null where somebody has the run. */
  static tryTake(dir: string): RunClaim | null {
    const lock = taken(join(dir, RUN_LOCKS.host));
    if (lock === null) return null;
    // The engine of a host that died may still be saving.
    if (stateOf(join(dir, RUN_LOCKS.engine)) !== 'held') return new RunClaim(dir, lock);
    lock.release();
    return null;
  }

  /** @param remove nothing is left of the run: the lock's file goes too */
  release(options: { readonly remove?: boolean } = {}): void {
    this.#lock.release(options);
  }
}

export function runActive(dir: string, { kind, pid, machine }: RunOwner): AppError {
  const place = machine === null ? '' : ` on ${machine}`;
  const process = pid === null ? 'another process' : `process ${pid}`;
  return new AppError({
    code: 'RUN-ACTIVE',
    message:
      kind === 'host'
        ? `${dir}: another studio or command (${process}${place}) is working on this run.`
        : `${dir}: the engine of a studio or command that has gone (${process}${place}) is still saving this run.`,
    data: { dir, ...(pid === null ? {} : { pid }) },
    remedy: kind === 'host' ? 'Wait until it ends, or stop it there.' : 'Try again in a moment: it ends by itself.',
  });
}

/** What cannot be looked at (a link in its place, a folder that is closed to us) is held by nobody of ours; whoever takes it is told why it cannot be taken. */
function stateOf(path: string): LockState {
  try {
    return lockState(path);
  } catch {
    return 'none';
  }
}

function taken(path: string): OsLock | null {
  try {
    return OsLock.tryTake(path);
  } catch (error) {
    throw writeError(path, error);
  }
}

function described(dir: string, kind: RunOwner['kind']): RunOwner {
  const holder = lockHolder(join(dir, RUN_LOCKS[kind]));
  return { kind, pid: holder?.pid ?? null, machine: holder === null || holder.machine === hostname() ? null : holder.machine };
}
