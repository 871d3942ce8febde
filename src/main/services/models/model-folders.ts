/** @file Where models lie on this machine: the cache of Hugging Face's tools, and folders of a person's own. Only names are read. */
import { open, opendir, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';

/** Entries of a folder that are looked at; what a person keeps is far less. */
const MAX_ENTRIES = 10_000;
/** A ref holds a commit's name. */
const MAX_REF_BYTES = 1024;

/** Snapshot folders of the cache, one a model: what `main` points to, else the newest. */
export async function hubSnapshots(cache: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await namesIn(cache)) {
    if (!name.startsWith('models--')) continue;
    const snapshot = await chosenSnapshot(join(cache, name));
    if (snapshot !== null) found.push(snapshot);
  }
  return found;
}

/** A folder itself and the folders directly in it, where they hold a config.json. */
export async function modelFoldersUnder(folder: string): Promise<readonly string[]> {
  const candidates = [folder, ...(await namesIn(folder)).map((name) => join(folder, name))];
  const found: string[] = [];
  for (const each of candidates) if (await holdsConfig(each)) found.push(each);
  return found;
}

export async function holdsConfig(folder: string): Promise<boolean> {
  return (await changedAt(join(folder, 'config.json'))) !== null;
}

/** `org/name` for a snapshot of the cache, else the folder's name. */
export function modelName(path: string): string {
  return hubName(path) ?? (basename(path) || path);
}

/** `org/name` where the path is a snapshot of a Hugging Face cache. */
export function hubName(path: string): string | null {
  const [repository, snapshots] = path.split(sep).slice(-3);
  if (snapshots !== 'snapshots' || repository === undefined || !repository.startsWith('models--')) return null;
  return repository.slice('models--'.length).split('--').join('/');
}

async function chosenSnapshot(repository: string): Promise<string | null> {
  const snapshots = join(repository, 'snapshots');
  const main = await refOf(join(repository, 'refs', 'main'));
  if (main !== null && (await holdsConfig(join(snapshots, main)))) return join(snapshots, main);
  let newest: { readonly path: string; readonly time: number } | null = null;
  for (const name of await namesIn(snapshots)) {
    const path = join(snapshots, name);
    const time = await changedAt(join(path, 'config.json'));
    if (time !== null && (newest === null || time > newest.time)) newest = { path, time };
  }
  return newest?.path ?? null;
}

async function refOf(file: string): Promise<string | null> {
  if ((await changedAt(file)) === null) return null;
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_REF_BYTES), 0, MAX_REF_BYTES, 0);
    const name = buffer.toString('utf8', 0, bytesRead).trim();
    // A name, not a path: it must not lead out of the cache.
    return /^[\w.-]+$/.test(name) && !name.startsWith('.') ? name : null;
  } finally {
    await handle.close();
  }
}

/** Of a file, links followed; null where there is none. */
async function changedAt(file: string): Promise<number | null> {
  try {
    const facts = await stat(file);
    return facts.isFile() ? facts.mtimeMs : null;
  } catch {
    // Missing, or not for us to look at: in either case no model that can be opened.
    return null;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(folder)) {
      if (names.length === MAX_ENTRIES) break;
      if (!name.startsWith('.')) names.push(name);
    }
  } catch {
    // No cache on this machine, or a folder that is away: nothing is found in it, and what was there before is marked as gone.
    return [];
  }
  return names.sort();
}
