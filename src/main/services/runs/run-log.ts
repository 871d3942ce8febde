import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../shared/lib/app-error.ts';
import { writeError } from '../../../shared/lib/write-error.ts';
import { openForAppend } from '../../files/open-file.ts';
import { lineOf, type RunUpdate } from './run-update.ts';

const NEWLINE = 10;
/** Milliseconds between two tries while the disk is full, and for how long the end of a run waits for room. */
const RETRY = 500;
const SETTLE = 15_000;
/** Bytes of lines kept while the disk is full; a run that tells more than this without room is stopped. */
const MAX_KEPT = 32 * 1024 * 1024;

export interface RunLogListener {
  /** Lines cannot be written and are lost: an AppError. */
  readonly onFailure: (error: AppError) => void;
  /** The disk is full: lines are kept until there is room. */
  readonly onFull: (error: AppError) => void;
  /** All that was kept is written. */
  readonly onRoom: () => void;
}

/** `events.jsonl` of a run: lines are appended in order, and each is whole or (after a crash) the last. */
export class RunLog {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #listener: RunLogListener;
  #waiting: Buffer[] = [];
  #kept = 0;
  #full = false;
  #writing: Promise<void> | null = null;
  #deadline = Infinity;

  private constructor(path: string, file: FileHandle, listener: RunLogListener) {
    this.#path = path;
    this.#file = file;
    this.#listener = listener;
  }

  static async open(dir: string, listener: RunLogListener): Promise<RunLog> {
    const path = join(dir, 'events.jsonl');
    try {
      const file = await openForAppend(path);
      const { size } = await file.stat();
      const last = new Uint8Array(1);
      if (size > 0) await file.read(last, 0, 1, size - 1);
      // A line torn by a crash must not swallow the next one.
      if (size > 0 && last[0] !== NEWLINE) await file.appendFile('\n');
      return new RunLog(path, file, listener);
    } catch (cause) {
      throw writeError(path, cause);
    }
  }

  append(update: RunUpdate): void {
    if (update.kind === 'progress') return;
    const told = lineOf(update);
    if (told === null) return;
    const line = Buffer.from(`${JSON.stringify({ ...told, time: new Date().toISOString() })}\n`);
    this.#waiting.push(line);
    this.#kept += line.length;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
  }

  /** Writes what is kept; on a full disk it waits for a while. */
  async close(): Promise<void> {
    this.#deadline = performance.now() + SETTLE;
    await this.#writing;
    await this.#file.close();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const bytes = Buffer.concat(this.#waiting);
      this.#waiting = [];
      const done = await this.#file.write(bytes).then(
        ({ bytesWritten }) => bytesWritten,
        (cause: unknown) => writeError(this.#path, cause),
      );
      const written = typeof done === 'number' ? done : 0;
      // What a filling disk took of a line is gone on with, so that the line is whole in the end.
      if (written < bytes.length) this.#waiting.unshift(bytes.subarray(written));
      this.#kept -= written;
      if (done instanceof AppError) await this.#refused(done);
    }
    if (this.#full) this.#listener.onRoom();
    this.#full = false;
  }

  async #refused(error: AppError): Promise<void> {
    if (error.code !== 'DISK-FULL' || this.#kept > MAX_KEPT || performance.now() > this.#deadline) {
      this.#waiting = [];
      this.#kept = 0;
      this.#full = false;
      this.#listener.onFailure(error);
      return;
    }
    if (!this.#full) {
      this.#full = true;
      this.#listener.onFull(error);
    }
    await delay(RETRY);
  }
}
