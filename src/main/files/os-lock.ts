/**
 * @file A lock that the system keeps and takes back when the process that holds it is gone, however it went (docs/adr/0015). On Linux
 * and macOS it is flock(2): it belongs to the opened file and not to the process, so that opening the same file elsewhere does not
 * lose it. On Windows the file is opened for us alone. The file itself stays; it is the lock that counts, not the file.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import koffi from 'koffi';
import { AppError } from '../../shared/lib/app-error.ts';
import { linkError, oddFileError, sharedFileError } from './not-ours.ts';
import { FILE_MODE } from './file-system.ts';

/** Who holds a lock, as it has written into the file; on Windows nobody else can read that. */
export interface LockHolder {
  readonly pid: number;
  readonly machine: string;
}

/** `none`: there is no such file, so nobody that knows of this lock has ever worked here. */
export type LockState = 'none' | 'free' | 'held';

const WINDOWS = process.platform === 'win32';
/** libuv's own flag: nobody else may open the file while it is open. */
const UV_FS_O_EXLOCK = 0x1000_0000;
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const NO_WAIT = constants.O_NONBLOCK ?? 0;
const [LOCK_SH, LOCK_EX, LOCK_NB] = [1, 2, 4];
/** Times that a lock file may be removed by somebody between our opening and our locking it. */
const MOST_TRIES = 20;

export class OsLock {
  readonly #path: string;
  readonly #fd: number;
  #held = true;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /**
   * Null where it is held already, by this process or another, or is being looked at this very moment. Waits for nothing.
   * @throws AppError NOT-OURS, FILE-LOCK; the system's own error where the file cannot be made
   */
  static tryTake(path: string): OsLock | null {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const fd = openLock(path, constants.O_RDWR | constants.O_CREAT);
      if (fd === null) return null;
      try {
        if (!locked(fd, LOCK_EX, path)) {
          closeSync(fd);
          return null;
        }
        if (isStill(path, fd)) {
          signWith(fd);
          return new OsLock(path, fd);
        }
      } catch (error) {
        closeSync(fd);
        throw error;
      }
      // Whoever held it has removed it: what we have locked has no name any more.
      closeSync(fd);
    }
    return null;
  }

  /** @param remove the file goes too; only whoever holds the lock may do that */
  release({ remove = false }: { readonly remove?: boolean } = {}): void {
    if (!this.#held) return;
    this.#held = false;
    // Windows removes no file that is open for one alone.
    if (remove && !WINDOWS) unlinkQuietly(this.#path);
    closeSync(this.#fd);
    if (remove && WINDOWS) unlinkQuietly(this.#path);
  }
}

/** Looks, and takes nothing for longer than the look. */
export function lockState(path: string): LockState {
  let fd: number | null;
  try {
    fd = openLock(path, constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return 'none';
    throw error;
  }
  if (fd === null) return 'held';
  try {
    return locked(fd, LOCK_SH, path) ? 'free' : 'held';
  } finally {
    closeSync(fd);
  }
}

/** Who holds a lock that is held; null where that cannot be told. */
export function lockHolder(path: string): LockHolder | null {
  try {
    const { pid, machine } = JSON.parse(readFileSync(path, 'utf8').slice(0, 1000)) as Partial<LockHolder>;
    return typeof pid === 'number' && typeof machine === 'string' ? { pid, machine } : null;
  } catch {
    // Being written, or not to be read: the lock is held all the same.
    return null;
  }
}

/** Null where another has it open for itself alone, as only Windows knows it. */
function openLock(path: string, flags: number): number | null {
  let fd: number;
  try {
    fd = openSync(path, flags | NO_FOLLOW | NO_WAIT | (WINDOWS ? UV_FS_O_EXLOCK : 0), FILE_MODE);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') throw linkError(path, error);
    if (WINDOWS && code === 'EBUSY') return null;
    throw error;
  }
  try {
    const info = fstatSync(fd);
    if (!info.isFile()) throw oddFileError(path);
    if (info.nlink > 1) throw sharedFileError(path, info.nlink);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

let flock: ((fd: number, operation: number) => number) | null = null;

function locked(fd: number, operation: number, path: string): boolean {
  if (WINDOWS) return true;
  flock ??= koffi.load(null).func('int flock(int, int)') as unknown as (fd: number, operation: number) => number;
  if (flock(fd, operation | LOCK_NB) === 0) return true;
  const errno = koffi.errno();
  if (errno === koffi.os.errno['EAGAIN'] || errno === koffi.os.errno['EWOULDBLOCK']) return false;
  const name = Object.entries(koffi.os.errno).find(([, number]) => number === errno)?.[0] ?? `error ${errno}`;
  throw new AppError({
    code: 'FILE-LOCK',
    message: `${path} cannot be locked (${name}): the file system there keeps no locks, so two programs could work on one run without knowing of each other.`,
    data: { path, errno: name },
    remedy: 'Keep runs on a disk of this machine: choose another folder (--out, or --data for all of them).',
  });
}

/** The file that was opened is still the one of that name. */
function isStill(path: string, fd: number): boolean {
  const now = statSync(path, { throwIfNoEntry: false, bigint: true });
  const ours = fstatSync(fd, { bigint: true });
  return now !== undefined && now.ino === ours.ino && now.dev === ours.dev;
}

function signWith(fd: number): void {
  try {
    ftruncateSync(fd, 0);
    writeSync(fd, `${JSON.stringify({ pid: process.pid, machine: hostname() } satisfies LockHolder)}\n`, 0);
  } catch {
    // A full disk: the lock is held, and others are only not told by whom.
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody has taken it at once, or the folder cannot be changed any more: a lock file without a lock does no harm.
  }
}
