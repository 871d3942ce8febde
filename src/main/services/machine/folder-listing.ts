import { opendir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { FolderEntry, FolderListing } from '../../../shared/domain/system.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { errnoOf } from '../../../shared/lib/write-error.ts';
import { typedPath } from '../models/home-path.ts';

/** What a person can still look through; the rest is only said to be there. */
const MAX_ENTRIES = 2000;
/** Characters of their paths together. */
const MAX_CHARACTERS = 1024 * 1024;
/** Files looked at together. */
const BATCH = 64;

/**
 * One level of a folder: folders first, then files, by name; hidden ones and what is neither are left out.
 * @throws AppError FOLDER-LIST where it is not an absolute path, missing, no folder, or must not be read
 */
export async function listFolder(typed: string): Promise<FolderListing> {
  const wanted = typedPath(typed);
  if (!isAbsolute(wanted) || wanted.includes('\0')) throw problem(wanted, 'the path has to begin at the root of the disk, or with ~');
  const path = resolve(wanted);
  const { names, truncated } = await namesIn(path);
  const entries: FolderEntry[] = [];
  for (let first = 0; first < names.length; first += BATCH) {
    const batch = await Promise.all(names.slice(first, first + BATCH).map((name) => entryOf(path, name)));
    entries.push(...batch.filter((entry) => entry !== null));
  }
  const parent = dirname(path);
  return { path, parent: parent === path ? null : parent, entries: entries.sort(foldersFirst), truncated };
}

async function namesIn(path: string): Promise<{ readonly names: readonly string[]; readonly truncated: boolean }> {
  const names: string[] = [];
  let characters = 0;
  try {
    for await (const { name } of await opendir(path)) {
      if (name.startsWith('.')) continue;
      // Leaving the loop closes the folder.
      characters += path.length + 2 * name.length;
      if (names.length === MAX_ENTRIES || characters > MAX_CHARACTERS) return { names, truncated: true };
      names.push(name);
    }
    return { names, truncated: false };
  } catch (error) {
    throw problem(path, reasonOf(error), error);
  }
}

async function entryOf(folder: string, name: string): Promise<FolderEntry | null> {
  const path = join(folder, name);
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) return { name, path, kind: 'folder', isModel: await holdsConfig(path), bytes: null };
    return facts.isFile() ? { name, path, kind: 'file', isModel: false, bytes: facts.size } : null;
  } catch {
    // A link to nowhere, or gone since it was listed: nothing to choose.
    return null;
  }
}

async function holdsConfig(folder: string): Promise<boolean> {
  try {
    return (await stat(join(folder, 'config.json'))).isFile();
  } catch {
    // None, or a folder that must not be looked into; opening it says which.
    return false;
  }
}

function foldersFirst(x: FolderEntry, y: FolderEntry): number {
  if (x.kind !== y.kind) return x.kind === 'folder' ? -1 : 1;
  return x.name.localeCompare(y.name, 'en', { numeric: true });
}

function reasonOf(error: unknown): string {
  switch (errnoOf(error)) {
    case 'ENOENT':
      return 'there is no such folder';
    case 'ENOTDIR':
      return 'it is not a folder';
    case 'EACCES':
    case 'EPERM':
      return 'this account may not read it';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function problem(path: string, why: string, cause?: unknown): AppError {
  return new AppError(
    { code: 'FOLDER-LIST', message: `The folder ${path} cannot be listed: ${why}.`, data: { path }, remedy: 'Choose another folder.' },
    cause,
  );
}
