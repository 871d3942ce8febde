import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from '../../shared/lib/write-error.ts';
import { FILE_MODE } from './file-system.ts';
import { linkError, oddFileError, sharedFileError } from './not-ours.ts';

/** Windows has no such flag, and makes links for administrators only. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
/** A pipe in the place of a file must not make us wait for a writer. */
const NO_WAIT = constants.O_NONBLOCK ?? 0;

/** Ends the name of every file on its way to another name. */
const TEMPORARY = /^\.(.+)\.[0-9a-f]{24}\.tmp$/;

/** A name beside `path` that nobody can have laid ready, since nobody can guess it. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(12).toString('hex')}.tmp`);
}

/** Name of the file that a temporary one would have become; null for any other name. */
export function targetOfTemporary(name: string): string | null {
  return TEMPORARY.exec(name)?.[1] ?? null;
}

/** Opens a file that is not there yet; a link of that name, wherever it leads, is an error (EEXIST). */
export function createFile(path: string): Promise<FileHandle> {
  return open(path, 'wx+', FILE_MODE);
}

/**
 * Opens a file of ours for appending (and reading), made when missing. A link, or a second name of somebody's file, is refused.
 * @throws AppError NOT-OURS
 */
export async function openForAppend(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | NO_FOLLOW | NO_WAIT, FILE_MODE).catch(
    (error: unknown) => {
      throw errnoOf(error) === 'ELOOP' ? linkError(path, error) : error;
    },
  );
  return checked(handle, path, 1);
}

/** Opens a file of ours for reading; a link in its place, or anything but a file, is refused. @throws AppError NOT-OURS */
export async function openOwnFile(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | NO_FOLLOW | NO_WAIT).catch((error: unknown) => {
    throw errnoOf(error) === 'ELOOP' ? linkError(path, error) : error;
  });
  return checked(handle, path, Infinity);
}

/** Asks the file that was opened, not its name: what the name means may have changed meanwhile. */
async function checked(handle: FileHandle, path: string, mostNames: number): Promise<FileHandle> {
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw oddFileError(path);
    if (info.nlink > mostNames) throw sharedFileError(path, info.nlink);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
