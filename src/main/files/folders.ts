import { mkdirSync, type Stats } from 'node:fs';
import { lstat, lutimes, mkdir, mkdtemp, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { errnoOf } from '../../shared/lib/write-error.ts';
import { FOLDER_MODE, type FileSystem, NODE_FILES } from './file-system.ts';
import { linkError, oddFileError } from './not-ours.ts';
import { targetOfTemporary } from './open-file.ts';

/** Makes a folder with those above it. One that is there stays as it is, and so does a person's own link to one. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: FOLDER_MODE });
}

export function makeFolderSync(path: string): void {
  mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
}

/** Makes a folder that must not be there yet, not even as a link. */
export async function makeNewFolder(path: string, fs: FileSystem = NODE_FILES): Promise<void> {
  await fs.mkdir(path, { mode: FOLDER_MODE });
}

/** Makes a folder inside one of ours; a link in its place is refused, since all that we write would end elsewhere. @throws AppError NOT-OURS */
export async function makeOwnFolder(path: string): Promise<void> {
  await makeFolder(dirname(path));
  try {
    await mkdir(path, { mode: FOLDER_MODE });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    assertFolder(path, await lstat(path));
  }
}

/** A new folder of a name that begins with `prefix`. */
export function makeTemporaryFolder(prefix: string): Promise<string> {
  return mkdtemp(prefix);
}

/**
 * Removes a file, a folder with all that is in it, or a link; what links lead to stays. Nothing there is no error. A process that was told to end
 * may write one more file meanwhile: the folder is then gone through again.
 */
export async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}

export async function removeEmptyFolder(path: string): Promise<void> {
  await rmdir(path);
}

/** Another name in the same file system; what had that name is replaced, a link itself rather than what it leads to. */
export async function move(from: string, to: string): Promise<void> {
  await rename(from, to);
}

/** Sets a file's times to now; of a link, its own. */
export async function touch(path: string): Promise<void> {
  const now = new Date();
  await lutimes(path, now, now);
}

/** Whether `path` lies below `folder` by its name. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Removes what crashes have left of files on their way. Only for a folder that nobody writes at the time. */
export async function sweepTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) if (targetOfTemporary(name) !== null) await rm(join(folder, name), { recursive: true, force: true });
}

/** The path of a name in a folder of ours; a name that leads out of it is no name of ours. @throws AppError NOT-OURS */
export function pathInside(folder: string, name: string): string {
  const path = join(folder, name);
  if (!isInside(folder, path)) throw oddFileError(path);
  return path;
}

/** The real path of what `path` is or would be: links in the part that is there are followed. */
export async function realPathOf(path: string): Promise<string> {
  const whole = resolve(path);
  try {
    return await realpath(whole);
  } catch (error) {
    const above = dirname(whole);
    if (above === whole || errnoOf(error) !== 'ENOENT') throw error;
    return join(await realPathOf(above), basename(whole));
  }
}

/**
 * Removes what lies in a folder of ours. A name that came out of a file (a registry from elsewhere) may lead out of it.
 * @throws Error where it does: nothing of ours asks for that
 */
export async function removeInside(folder: string, path: string): Promise<void> {
  if (!isInside(folder, path)) throw oddFileError(path);
  // A link among the folders on the way would lead elsewhere as well.
  await assertFoldersBetween(folder, path);
  await remove(path);
}

/** Refuses links among the folders from below `folder` to above `path`. @throws AppError NOT-OURS */
export async function assertFoldersBetween(folder: string, path: string): Promise<void> {
  const names = relative(resolve(folder), resolve(path)).split(sep).slice(0, -1);
  let at = resolve(folder);
  for (const name of names) {
    at = join(at, name);
    const info = await lstat(at).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    });
    if (info === null) return;
    assertFolder(at, info);
  }
}

export function assertFolder(path: string, info: Stats): void {
  if (info.isSymbolicLink()) throw linkError(path);
  if (!info.isDirectory()) throw oddFileError(path);
}
