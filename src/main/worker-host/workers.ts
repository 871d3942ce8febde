/**
 * @file Heavy work on files, done by worker processes (docs/adr/0016): the host's loop only hears of it. A few at once, the others
 * wait; breaking off kills, so that whatever a file does, it ends at once; one that has nothing to do stays a while, then goes.
 */
import { AppError } from '../../shared/lib/app-error.ts';
import type { Streams, Tasks } from '../worker/tasks.ts';
import { type Said, Worker } from './worker.ts';

export { launchWorkersBy } from './worker.ts';

type Progress<N extends keyof Tasks> = Parameters<Tasks[N]>[1] extends (value: infer P) => void ? P : never;

export interface TaskOptions<N extends keyof Tasks> {
  /** What the task reads, as a person knows it. */
  readonly about: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((value: Progress<N>) => void) | undefined;
}

/** At once, each kind by itself: what goes through whole files, what a person waits for, and downloads, which last as long as who takes them likes. */
const LONG_AT_ONCE = 2;
const SHORT_AT_ONCE = 2;
const STREAMS_AT_ONCE = 4;
const LONG: ReadonlySet<keyof Tasks> = new Set(['import', 'canonical', 'hash', 'compare']);
/** Milliseconds that a worker stays without work. */
const IDLE = 60_000;

class Workers {
  readonly #most: number;
  readonly #idle: { readonly worker: Worker; readonly timer: NodeJS.Timeout }[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** A worker for one task, when there is room. @throws AppError E-CANCELLED */
  async take(about: string, signal: AbortSignal | undefined): Promise<Worker> {
    if (signal?.aborted) throw cancelled(about);
    if (this.#busy >= this.#most) await this.#turn(about, signal);
    else this.#busy += 1;
    const rested = this.#idle.pop();
    if (rested === undefined) return this.#start();
    clearTimeout(rested.timer);
    return rested.worker;
  }

  /** Takes it back. @param well whether it can be used again */
  give(worker: Worker, well: boolean): void {
    if (well) {
      worker.rest();
      this.#idle.push({ worker, timer: setTimeout(() => this.#letGo(worker), IDLE).unref() });
    } else worker.kill();
    const next = this.#waiting.shift();
    // Whoever waits takes the place over.
    if (next === undefined) this.#busy -= 1;
    else next();
  }

  closeIdle(): void {
    while (this.#idle[0] !== undefined) this.#letGo(this.#idle[0].worker);
  }

  #start(): Worker {
    const worker: Worker = new Worker(() => this.#forget(worker));
    return worker;
  }

  #letGo(worker: Worker): void {
    this.#forget(worker);
    worker.kill();
  }

  #forget(worker: Worker): void {
    const at = this.#idle.findIndex((each) => each.worker === worker);
    if (at === -1) return;
    clearTimeout(this.#idle[at]!.timer);
    this.#idle.splice(at, 1);
  }

  #turn(about: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(come), 1);
        reject(cancelled(about));
      };
      const come = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      this.#waiting.push(come);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }
}

const long = new Workers(LONG_AT_ONCE);
const short = new Workers(SHORT_AT_ONCE);
const streams = new Workers(STREAMS_AT_ONCE);

/**
 * Does a task in a worker. @throws AppError of the task; E-CANCELLED at once when `signal` is aborted; WORKER-LOST where the process
 * died of it. What the worker had begun to write then lies where the caller told it to write, and is the caller's to remove.
 */
export async function runTask<N extends keyof Tasks>(
  name: N,
  input: Parameters<Tasks[N]>[0],
  { about, signal, onProgress }: TaskOptions<N>,
): Promise<Awaited<ReturnType<Tasks[N]>>> {
  const tasks = LONG.has(name) ? long : short;
  const worker = await tasks.take(about, signal);
  let well = false;
  try {
    const said = await lastWord(worker, name, input, about, signal, (each) => {
      if (each.kind === 'progress') onProgress?.(each.value as Progress<N>);
    });
    well = true;
    return outcome(said) as Awaited<ReturnType<Tasks[N]>>;
  } finally {
    tasks.give(worker, well);
  }
}

/** What a task makes, chunk by chunk as it is taken. @throws AppError as `runTask` */
export async function* streamTask<N extends keyof Streams>(
  name: N,
  input: Parameters<Streams[N]>[0],
  { about, signal }: Omit<TaskOptions<never>, 'onProgress'>,
): AsyncGenerator<Uint8Array, void, void> {
  const worker = await streams.take(about, signal);
  let well = false;
  try {
    const chunks: Uint8Array[] = [];
    let wake: () => void = () => undefined;
    let ended: { readonly said: Said } | { readonly error: unknown } | null = null;
    lastWord(worker, name, input, about, signal, (said) => {
      if (said.kind === 'chunk') chunks.push(said.bytes);
      wake();
    })
      .then(
        (said) => (ended = { said }),
        (error: unknown) => (ended = { error }),
      )
      .finally(() => wake());
    for (;;) {
      for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
        yield chunk;
        worker.send({ kind: 'more' });
      }
      const end = ended as { readonly said: Said } | { readonly error: unknown } | null;
      if (end !== null) {
        if ('error' in end) throw end.error;
        well = true;
        outcome(end.said);
        return;
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    streams.give(worker, well);
  }
}

/** Ends the workers that nobody uses. */
export function closeIdleWorkers(): void {
  long.closeIdle();
  short.closeIdle();
  streams.closeIdle();
}

function lastWord(
  worker: Worker,
  name: string,
  input: unknown,
  about: string,
  signal: AbortSignal | undefined,
  hear: (said: Said) => void,
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(cancelled(about));
    if (signal?.aborted) return leave();
    signal?.addEventListener('abort', leave, { once: true });
    const settle =
      <T>(act: (value: T) => void) =>
      (value: T) => {
        signal?.removeEventListener('abort', leave);
        act(value);
      };
    worker.begin(
      name,
      input,
      about,
      (said) => {
        if (said.kind === 'done' || said.kind === 'failed') settle(resolve)(said);
        else hear(said);
      },
      settle(reject),
    );
  });
}

function outcome(said: Said): unknown {
  if (said.kind === 'failed') throw said.error === null ? new Error(`In a worker: ${said.bug ?? ''}`) : new AppError(said.error);
  return said.kind === 'done' ? said.value : undefined;
}

function cancelled(about: string): AppError {
  return new AppError({ code: 'E-CANCELLED', message: `The work on ${about} was cancelled.`, data: { file: about } });
}
