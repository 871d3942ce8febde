import { chmodSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, writeError } from '../../shared/lib/write-error.ts';
import { FILE_MODE, FOLDER_MODE } from './file-system.ts';
import { makeFolderSync } from './folders.ts';
import { linkError } from './not-ours.ts';

/** What we make in the data folder, as folders and as files; `lost+found` and the like are not ours. */
const FOLDERS = ['cache', 'datasets', 'logs', 'runs', 'uploads', 'window'];
const FILES = ['registry.sqlite', 'registry.sqlite-wal', 'registry.sqlite-shm'];
/** Folders whose entries are made, filled and removed by us alone. Of `runs`, a person may have moved one and left a link. */
const WITHOUT_LINKS = ['cache', 'datasets', 'datasets/library', 'uploads', 'logs'];
/** Bits that let others in, and the one of a folder that everybody shares. */
const OTHERS = 0o077;
const STICKY = 0o1000;

/** For the first lines of a process: what it makes from now on, native libraries included, is for its owner alone. */
export function keepToOwner(): void {
  process.umask(OTHERS);
}

/**
 * The data folder, made or looked after, for its owner alone. A folder that holds other things too keeps its own mode, and what is
 * ours in it is closed. The folder itself may be a person's own link; what lies in it may not.
 * @returns what was open to others until now
 * @throws AppError NOT-OURS, FILE-DENIED, FILE-WRITE
 */
export function openPrivateRoot(folder: string): readonly string[] {
  try {
    makeFolderSync(folder);
    const root = realpathSync(folder);
    const names = readdirSync(root);
    const ours = names.filter((name) => FOLDERS.includes(name) || FILES.includes(name)).map((name) => join(root, name));
    const inside = WITHOUT_LINKS.flatMap((name) => entriesOf(join(root, name)));
    for (const path of [...ours, ...inside]) if (lstatSync(path).isSymbolicLink()) throw linkError(path);
    // Windows keeps what lies below a person's profile from others by itself.
    if (process.platform === 'win32') return [];
    return (ours.length === names.length ? [root] : ours).filter(close);
  } catch (error) {
    throw writeError(folder, error);
  }
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Takes others' rights away from what belongs to us; false where there were none, or it is not ours to say. */
function close(path: string): boolean {
  const info = lstatSync(path);
  if (info.isSymbolicLink() || (info.mode & OTHERS) === 0 || (info.mode & STICKY) !== 0 || info.uid !== process.getuid?.()) return false;
  chmodSync(path, info.isDirectory() ? FOLDER_MODE : FILE_MODE);
  return true;
}
