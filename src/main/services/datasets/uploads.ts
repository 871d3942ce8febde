import { randomUUID } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { DatasetSource } from '../../../shared/domain/dataset-record.ts';
import type { Upload } from '../../../shared/domain/upload.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { writeError } from '../../../shared/lib/write-error.ts';
import { isInside, makeNewFolder, remove, removeInside } from '../../files/folders.ts';
import { createFile } from '../../files/open-file.ts';
import { claimWork, sweepWork, type WorkClaim } from '../../files/work-lock.ts';

const UPLOAD_ID = /^[0-9a-f-]{36}$/;
/** Characters of a name that are kept; the longest name file systems take has 255 bytes. */
const NAME_LENGTH = 120;

/** Files that pages have sent, one a folder named by its id. Until it is imported, one is this studio's: its pages know the id. */
export class Uploads {
  readonly #root: string;
  readonly #claims = new Map<string, WorkClaim>();

  constructor(dataRoot: string) {
    this.#root = join(dataRoot, 'uploads');
  }

  /** Takes a file chunk by chunk; one that is broken off leaves nothing. @throws AppError DISK-FULL, FILE-DENIED, FILE-WRITE */
  async receive(fileName: string, body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Upload> {
    const uploadId = randomUUID();
    const folder = join(this.#root, uploadId);
    const file = join(folder, safeName(fileName));
    try {
      this.#claims.set(folder, await claimWork(folder));
      await makeNewFolder(folder);
      const handle = await createFile(file);
      let bytes = 0;
      try {
        for await (const chunk of body) {
          signal.throwIfAborted();
          await handle.appendFile(chunk);
          bytes += chunk.byteLength;
        }
        signal.throwIfAborted();
      } finally {
        await handle.close();
      }
      return { uploadId, fileName, bytes };
    } catch (error) {
      await remove(folder);
      this.#release(folder);
      if (signal.aborted) throw error;
      throw writeError(file, error);
    }
  }

  /** The file that a source means. @throws AppError UPLOAD-UNKNOWN, E-FILE */
  async fileOf(source: DatasetSource): Promise<string> {
    if (source.kind === 'upload') {
      const names = UPLOAD_ID.test(source.uploadId) ? await readdir(join(this.#root, source.uploadId)).catch(() => []) : [];
      if (names[0] === undefined)
        throw new AppError({ code: 'UPLOAD-UNKNOWN', message: 'The file that was sent is not here any more.', remedy: 'Send it again.' });
      return join(this.#root, source.uploadId, names[0]);
    }
    const info = isAbsolute(source.path) ? await stat(source.path).catch(() => null) : null;
    if (info?.isFile()) return source.path;
    throw new AppError({
      code: 'E-FILE',
      message: `${source.path} is not a file that can be read.`,
      data: { file: source.path },
      remedy: 'Give the whole path of a file on the machine that the studio runs on.',
    });
  }

  /** A file that a dataset stands on from now on: the registry knows it. */
  settle(file: string): void {
    this.#release(dirname(resolve(file)));
  }

  /** Removes a file that is needed no more; one that is not ours is left alone. */
  async discard(file: string): Promise<void> {
    const folder = dirname(resolve(file));
    if (!isInside(this.#root, folder)) return;
    await removeInside(this.#root, folder);
    this.#release(folder);
  }

  #release(folder: string): void {
    this.#claims.get(folder)?.release();
    this.#claims.delete(folder);
  }

  /** Removes what belongs to no dataset and to no studio that runs. @param used files that datasets stand on, asked for late */
  async sweep(used: () => ReadonlySet<string>): Promise<void> {
    await sweepWork(
      this.#root,
      (name) => UPLOAD_ID.test(name),
      (name) => [...used()].some((file) => isInside(join(this.#root, name), file)),
    );
  }
}

/** No separators and no control characters; the ending, which tells the kind of file, stays. */
function safeName(name: string): string {
  // oxlint-disable-next-line no-control-regex
  const clean = name.replace(/[/\\:\0-\x1f\x7f]/g, '_').replace(/^\.+/, '_');
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(clean)?.[0] ?? '';
  return `${clean.slice(0, clean.length - ending.length).slice(0, NAME_LENGTH) || 'file'}${ending}`;
}
