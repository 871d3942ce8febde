import { AppError } from '../../shared/lib/app-error.ts';
import { AsyncQueue } from '../../shared/lib/async-queue.ts';
import { startJob, type EngineEvent, type Job, type RunningJob } from '../engine-host/engine-host.ts';

/** Milliseconds that an engine has to end when it is asked to; one that hangs is killed. */
const STOP_GRACE = 3000;

/**
 * A job's events up to its end. Aborting ends the loop and the job, leaving the loop ends the job.
 * @param start begins the job: in a process of its own, or by an engine that stays
 * @throws AppError of the job; ENGINE-LOST
 */
export async function* jobEvents<J extends Job>(
  job: J,
  signal: AbortSignal,
  start: (job: J, onEvent: (event: EngineEvent) => void) => RunningJob = startJob,
): AsyncGenerator<EngineEvent, void, void> {
  if (signal.aborted) return;
  const leavePlace = start === startJob ? await engines.place(signal) : null;
  if (signal.aborted) return leavePlace?.();
  const events = new AsyncQueue<EngineEvent>();
  const running = start(job, (event) => events.push(event));
  const ended = running.ended.then(
    (last) => (last.kind === 'failed' ? events.fail(new AppError(last.error)) : events.end()),
    (error: unknown) => events.fail(error),
  );
  const leave = () => events.end();
  signal.addEventListener('abort', leave, { once: true });
  try {
    for await (const event of events) {
      if (signal.aborted) return;
      yield event;
    }
  } finally {
    signal.removeEventListener('abort', leave);
    running.stop();
    const kill = setTimeout(() => running.stop(), STOP_GRACE);
    await ended;
    clearTimeout(kill);
    leavePlace?.();
  }
}

/** Places for engines; whoever comes when all are taken waits, in turn. */
export class Places {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(free: number) {
    this.#free = free;
  }

  /** @returns to be called once it is not needed any more; at once, and without a place, where `signal` is aborted first */
  async place(signal: AbortSignal): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else if (!(await this.#turn(signal))) return () => undefined;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    };
  }

  #turn(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const come = () => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(come), 1);
        resolve(false);
      };
      this.#waiting.push(come);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}

/** Engines of their own that read models, count and measure, beside those that train and those that stay. */
const engines = new Places(3);
