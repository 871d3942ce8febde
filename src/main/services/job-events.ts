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
export async function* jobEvents<J extends Job>(job: J, signal: AbortSignal, start: (job: J, onEvent: (event: EngineEvent) => void) => RunningJob = startJob): AsyncGenerator<EngineEvent, void, void> {
  if (signal.aborted) return;
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
  }
}
