/** @file What SQLite says when the registry cannot be read or written, as the few kinds that a person can do something about. */
import Sqlite from 'better-sqlite3';
import { AppError, type AppErrorFields } from '../../shared/lib/app-error.ts';
import { lockHolder } from './lock-holder.ts';

export type FaultKind = 'busy' | 'full' | 'denied' | 'disk' | 'damaged';

/** SQLite's primary codes; extended ones begin with them. Every other code is a statement of ours that was refused. */
const KINDS: readonly (readonly [code: string, kind: FaultKind])[] = [
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_PROTOCOL', 'busy'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_READONLY', 'denied'],
  ['SQLITE_PERM', 'denied'],
  ['SQLITE_CANTOPEN', 'denied'],
  ['SQLITE_AUTH', 'denied'],
  ['SQLITE_IOERR', 'disk'],
  ['SQLITE_NOMEM', 'disk'],
  ['SQLITE_NOLFS', 'disk'],
  ['SQLITE_CORRUPT', 'damaged'],
  ['SQLITE_NOTADB', 'damaged'],
];

const UNCHANGED = 'Nothing was changed.';
const WORDS: Readonly<Record<FaultKind, (file: string, said: string) => AppErrorFields>> = {
  busy: (file) => ({
    code: 'REGISTRY-BUSY',
    message: `Another program${lockHolder(file)} holds the registry ${file} and does not let go of it.`,
    remedy: `${UNCHANGED} Wait, or close that program (another Tunesmith, a viewer of databases, a backup), then try again.`,
  }),
  full: (file) => ({
    code: 'DISK-FULL',
    message: `The disk is full: the registry ${file} cannot be written.`,
    remedy: `${UNCHANGED} Free some space, then try again.`,
  }),
  denied: (file, said) => ({
    code: 'FILE-DENIED',
    message: `Not allowed to write the registry ${file} (${said}).`,
    remedy: `${UNCHANGED} Make the data folder and what is in it writable, then try again.`,
  }),
  disk: (file, said) => ({
    code: 'REGISTRY-DISK',
    message: `The disk does not read or write the registry ${file} as it should (${said}).`,
    remedy: `${UNCHANGED} See whether the disk is full, unplugged or failing, then try again.`,
  }),
  damaged: (file, said) => ({
    code: 'REGISTRY-BROKEN',
    message: `The registry ${file} is damaged (${said}).`,
    remedy:
      'End Tunesmith, move registry.sqlite and the files registry.sqlite-wal and -shm away, and put back a copy of them if you have one. The folders of runs stay as they are, and "tunesmith resume --out DIR" goes on with one and lists it again.',
  }),
};

/** Null where the error is none of the file's: then it is a mistake of ours, or of another kind altogether. */
export function faultOf(error: unknown): FaultKind | null {
  if (!(error instanceof Sqlite.SqliteError)) return null;
  return KINDS.find(([code]) => error.code === code || error.code.startsWith(`${code}_`))?.[1] ?? null;
}

/** A fault of the registry in words; anything else passes unchanged. */
export function registryError(file: string, error: unknown): unknown {
  const kind = faultOf(error);
  if (kind === null) return error;
  const { code, message } = error as InstanceType<typeof Sqlite.SqliteError>;
  return new AppError({ ...WORDS[kind](file, `${code}: ${message}`), data: { file, kind } }, error);
}
