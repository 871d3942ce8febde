import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { writeError } from '../../shared/lib/write-error.ts';
import { openForAppend } from '../files/open-file.ts';
import type { RunUpdate } from './run-update.ts';

const NEWLINE = 10;

/** `events.jsonl` of a run: lines are appended in order, and each is whole or (after a crash) the last. */
export class RunLog {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #onFailure: (error: unknown) => void;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, onFailure: (error: unknown) => void) {
    this.#path = path;
    this.#file = file;
    this.#onFailure = onFailure;
  }

  /** @param onFailure called with an AppError when a line could not be written */
  static async open(dir: string, onFailure: (error: unknown) => void): Promise<RunLog> {
    const path = join(dir, 'events.jsonl');
    try {
      const file = await openForAppend(path);
      const { size } = await file.stat();
      const last = new Uint8Array(1);
      if (size > 0) await file.read(last, 0, 1, size - 1);
      // A line torn by a crash must not swallow the next one.
      if (size > 0 && last[0] !== NEWLINE) await file.appendFile('\n');
      return new RunLog(path, file, onFailure);
    } catch (cause) {
      throw writeError(path, cause);
    }
  }

  append(update: RunUpdate): void {
    if (update.kind === 'progress') return;
    const line = `${JSON.stringify({ ...update, time: new Date().toISOString() })}\n`;
    this.#writing = this.#writing.then(() => this.#file.appendFile(line)).catch((cause: unknown) => this.#onFailure(writeError(this.#path, cause)));
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }
}
