import { createHash } from 'node:crypto';
import { rename, rm, type FileHandle } from 'node:fs/promises';
import { writeError } from '../../shared/lib/write-error.ts';
import { createFile, temporaryBeside } from './open-file.ts';

const flushBytes = 1024 * 1024;

export type OpenForWriting = (path: string) => Promise<FileHandle>;

/**
 * A text file that appears whole or not at all: lines go to a temporary neighbour, `seal` syncs them to the disk and
 * `commit` renames it over the target. Until then an earlier file of that name stays as it was. Always end with
 * `commit` or `discard`. A link of that name is replaced, and what it leads to stays. Throws `AppError` `DISK-FULL`, `FILE-DENIED` or `FILE-WRITE`, which name the target.
 */
export class AtomicFile {
  readonly path: string;
  private readonly temporary: string;
  private readonly handle: FileHandle;
  private readonly hash = createHash('sha256');
  private pending: string[] = [];
  private pendingChars = 0;
  private open = true;

  private constructor(path: string, temporary: string, handle: FileHandle) {
    this.path = path;
    this.temporary = temporary;
    this.handle = handle;
  }

  static async create(path: string, openFile: OpenForWriting = createFile): Promise<AtomicFile> {
    const temporary = temporaryBeside(path);
    const handle = await openFile(temporary).catch((cause: unknown) => {
      throw writeError(path, cause);
    });
    return new AtomicFile(path, temporary, handle);
  }

  /** Queues a line; the promise, when there is one, has to be awaited before the next call. */
  writeLine(line: string): Promise<void> | null {
    this.pending.push(line, '\n');
    this.pendingChars += line.length + 1;
    return this.pendingChars >= flushBytes ? this.flush() : null;
  }

  /** Brings every byte to the disk: after this, `commit` can only fail at the rename. */
  async seal(): Promise<void> {
    await this.flush();
    try {
      await this.handle.sync();
      await this.close();
    } catch (cause) {
      throw writeError(this.path, cause);
    }
  }

  /** Puts the sealed file in place. Returns the sha256 of its bytes, in hex. */
  async commit(): Promise<string> {
    try {
      await rename(this.temporary, this.path);
    } catch (cause) {
      throw writeError(this.path, cause);
    }
    return this.hash.digest('hex');
  }

  /** Removes the temporary file; does nothing after `commit`. */
  async discard(): Promise<void> {
    this.pending = [];
    await this.close();
    await rm(this.temporary, { force: true });
  }

  private async flush(): Promise<void> {
    const bytes = Buffer.from(this.pending.join(''), 'utf8');
    this.pending = [];
    this.pendingChars = 0;
    this.hash.update(bytes);
    try {
      // appendFile repeats short writes, which a filling disk gives before it fails.
      await this.handle.appendFile(bytes);
    } catch (cause) {
      throw writeError(this.path, cause);
    }
  }

  private async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.handle.close();
  }
}
