/** @file What whoever has begun a run holds of it: how to stop it, and how it ended. Every run of this process is known here. */
import type { RunStatus } from '../../../shared/domain/run.ts';

export interface RunHandle {
  /** Saves and ends; asked again, ends at once. */
  stop(): void;
  /** It has been asked to. */
  readonly stopping: boolean;
  /** How it ended. Rejects with an AppError where no run came to be, or its folder cannot be written any more. */
  readonly ended: Promise<RunStatus>;
}

export interface StopRequest {
  readonly signal: AbortSignal;
  /** Asks for the stop, as the handle's `stop` does. */
  ask(): void;
  /** Called at each request, once there is something to stop. */
  onRequest: () => void;
}

/** A run that can be stopped, also before there is anything to stop. */
export function withStop(work: (stop: StopRequest) => Promise<RunStatus>): RunHandle {
  const controller = new AbortController();
  const stop: StopRequest = {
    signal: controller.signal,
    ask() {
      controller.abort();
      stop.onRequest();
    },
    onRequest: () => undefined,
  };
  const handle: RunHandle = {
    stop: () => stop.ask(),
    get stopping() {
      return controller.signal.aborted;
    },
    ended: work(stop),
  };
  UNDER_WAY.add(handle);
  handle.ended.catch(() => undefined).finally(() => UNDER_WAY.delete(handle));
  return handle;
}

/** Every run of this process, whoever started it. */
const UNDER_WAY = new Set<RunHandle>();

/** For a host that has to end: asks all runs of this process to save and end, and waits for them. */
export async function saveAllRuns(): Promise<void> {
  const handles = [...UNDER_WAY];
  // One that is saving already must not be asked a second time: that would end it at once.
  for (const handle of handles) if (!handle.stopping) handle.stop();
  await Promise.allSettled(handles.map(({ ended }) => ended));
}
