import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../shared/lib/write-error.ts';
import { assertFolder } from './folders.ts';
import { linkError, oddFileError, sharedFileError } from './not-ours.ts';

/**
 * What has to stand under a name of ours: a plain file, one that is written in place (so that a second name, a hard link, would show
 * what we write), or a folder that holds nothing but plain files and folders.
 */
export type OwnKind = 'file' | 'appended' | 'folder';

/**
 * Looks at the names of ours in a folder, before anything in it is read, written or removed: a folder that came from
 * elsewhere may hold links, and what is written to them ends wherever they lead. Names that are not ours are left alone.
 * The folder itself may be reached by a person's own link.
 * @param kindOf what a name stands for; null where it is none of ours
 * @throws AppError NOT-OURS naming the first that is not what it has to be
 */
export async function assertOwnEntries(folder: string, kindOf: (name: string) => OwnKind | null): Promise<void> {
  const names = (await ifThere(readdir(folder))) ?? [];
  for (const name of names.sort()) {
    const kind = kindOf(name);
    if (kind === 'file' || kind === 'appended') await assertOwnFile(join(folder, name), kind);
    if (kind === 'folder') await assertOwnTree(join(folder, name));
  }
}

/** Whoever owns the folder may be at work in it: what has gone meanwhile is nothing to look at. */
async function ifThere<T>(looked: Promise<T>): Promise<T | null> {
  try {
    return await looked;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function assertOwnFile(path: string, kind: 'file' | 'appended'): Promise<void> {
  const info = await ifThere(lstat(path));
  if (info === null) return;
  if (info.isSymbolicLink()) throw linkError(path);
  if (!info.isFile()) throw oddFileError(path);
  if (kind === 'appended' && info.nlink > 1) throw sharedFileError(path, info.nlink);
}

async function assertOwnTree(path: string): Promise<void> {
  const info = await ifThere(lstat(path));
  if (info === null) return;
  assertFolder(path, info);
  for (const entry of ((await ifThere(readdir(path, { withFileTypes: true }))) ?? []).sort((x, y) => (x.name < y.name ? -1 : 1))) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) await assertOwnTree(inside);
    else await assertOwnFile(inside, 'file');
  }
}
