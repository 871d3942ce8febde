import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../shared/lib/app-error.ts';
import { fromWorkerSchema, type FromWorker, type ToWorker } from '../worker/protocol.ts';
import { forkWorker } from './fork-worker.ts';
import type { LaunchWorker, WorkerChild } from './worker-child.ts';

/** Beside this file both as a source and as built. */
const ENTRY = fileURLToPath(new URL(`../worker/process${extname(import.meta.url)}`, import.meta.url));
/** MiB of heap: a row of the longest kind takes a few hundred once parsed, and everything else is taken a piece at a time. */
const HEAP = 1024;
/** Characters of what a worker printed that are kept: often the only trace of a crash. */
const TAIL = 4096;

let launch: LaunchWorker = forkWorker;

/** Decides how workers are started from now on. Electron's entry calls it once: there, a fork is not to be had. */
export function launchWorkersBy(launcher: LaunchWorker): void {
  launch = launcher;
}

/** MiB of heap that a worker may have; a variable for tests and for machines with little memory. */
function heapLimit(): number {
  const given = Number(process.env['TUNESMITH_WORKER_MEMORY']);
  return Number.isInteger(given) && given >= 32 ? given : HEAP;
}

export type Said = Exclude<FromWorker, { readonly kind: 'ready' }>;

/** One worker process, which does one task after another until it is killed or dies. */
export class Worker {
  readonly #child: WorkerChild;
  readonly #onGone: () => void;
  readonly #heap = heapLimit();
  #ready = false;
  #waiting: ToWorker | null = null;
  #hear: ((said: Said) => void) | null = null;
  #lose: ((error: AppError) => void) | null = null;
  #output = '';
  #about = '';

  /** @param onGone called once the process has ended, after its task has heard of it */
  constructor(onGone: () => void) {
    this.#onGone = onGone;
    this.#child = launch(ENTRY, this.#heap);
    this.#child.listen({
      message: (message) => this.#receive(message),
      output: (text) => (this.#output = (this.#output + text).slice(-TAIL)),
      closed: (how) => this.#closed(how),
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @param about what the task reads, named where the process dies of it */
  begin(task: string, input: unknown, about: string, hear: (said: Said) => void, lose: (error: AppError) => void): void {
    this.#output = '';
    this.#hear = hear;
    this.#lose = lose;
    this.#about = about;
    this.#child.hold(true);
    this.send({ kind: 'run', task, input });
  }

  send(message: ToWorker): void {
    if (this.#ready) this.#child.send(message);
    else this.#waiting = message;
  }

  kill(): void {
    this.#child.kill();
  }

  /** The host may end without it. */
  rest(): void {
    this.#hear = null;
    this.#lose = null;
    this.#child.hold(false);
  }

  #receive(message: unknown): void {
    const said = fromWorkerSchema.safeParse(message);
    if (!said.success) {
      this.kill();
    } else if (said.data.kind === 'ready') {
      this.#ready = true;
      if (this.#waiting !== null) this.#child.send(this.#waiting);
      this.#waiting = null;
    } else this.#hear?.(said.data);
  }

  #closed(how: string): void {
    const lose = this.#lose;
    this.rest();
    lose?.(this.#lost(how));
    this.#onGone();
  }

  #lost(how: string): AppError {
    const memory = /heap (?:out of memory|limit)|Allocation failed/.test(this.#output);
    const why = memory ? `its rows need more than the ${this.#heap} MiB of memory that one file may take` : `the process that worked on it ${how}`;
    return new AppError({
      code: 'WORKER-LOST',
      message: `${this.#about} could not be worked on: ${why}. Nothing of it was kept.`,
      data: { file: this.#about, output: this.#output.trim() },
      remedy: memory ? 'Split its longest rows, or leave out what they hold beside the text.' : 'Try again.',
    });
  }
}
