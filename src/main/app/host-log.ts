import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inspect } from 'node:util';
import { makeFolder, move } from '../files/folders.ts';
import { openForAppend } from '../files/open-file.ts';

/** Characters of one entry, and bytes of a file before it becomes the one older file that is kept. */
const MAX_ENTRY = 16_384;
const MAX_FILE = 1024 * 1024;
/** Entries waiting for the disk; a bug in a loop must not fill the memory. */
const MAX_WAITING = 100;

/** The errors of a host that are our own bugs, in a file of bounded size: what a page is told of them is only the id. */
export class HostLog {
  readonly #file: string;
  #written: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(file: string) {
    this.#file = file;
  }

  readonly write = (logId: string, error: unknown): void => {
    if (this.#waiting >= MAX_WAITING) return;
    this.#waiting += 1;
    const entry = `${new Date().toISOString()} ${logId} ${inspect(error, { depth: 4 }).slice(0, MAX_ENTRY)}\n`;
    this.#written = this.#written
      .then(() => this.#append(entry))
      .catch((cause: unknown) => console.error('The log cannot be written:', cause, entry))
      .finally(() => {
        this.#waiting -= 1;
      });
  };

  /** Resolves when everything so far is on disk. */
  flushed(): Promise<void> {
    return this.#written;
  }

  async #append(entry: string): Promise<void> {
    await makeFolder(dirname(this.#file));
    const file = await this.#open();
    try {
      await file.appendFile(entry);
    } finally {
      await file.close();
    }
  }

  async #open(): Promise<FileHandle> {
    const file = await openForAppend(this.#file);
    if ((await file.stat()).size <= MAX_FILE) return file;
    await file.close();
    await move(this.#file, `${this.#file}.1`);
    return openForAppend(this.#file);
  }
}
