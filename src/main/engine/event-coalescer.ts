import type { MetricPoint } from '../../shared/domain/metrics.ts';
import type { EngineEvent } from './protocol.ts';

/** Milliseconds between two batches: at most 20 a second reach the host, however fast steps or progress are. */
const INTERVAL = 50;

type Progress = Extract<EngineEvent, { kind: 'progress' }>;

export interface EventCoalescer {
  /** Metrics of quick steps go together and progress reports overtake each other; everything else goes at once. Order is kept. */
  readonly emit: (event: EngineEvent) => void;
  readonly flush: () => void;
}

/** No timer: the next event carries what waits, and the end of the job flushes. */
export function coalesceEvents(send: (event: EngineEvent) => void, now: () => number = () => performance.now()): EventCoalescer {
  let steps: MetricPoint[] = [];
  let progress: Progress | null = null;
  let lastSent = -Infinity;
  const flush = () => {
    if (progress) send(progress);
    if (steps.length > 0) send({ kind: 'metrics', steps });
    if (progress || steps.length > 0) lastSent = now();
    progress = null;
    steps = [];
  };
  const emit = (event: EngineEvent) => {
    if (event.kind === 'progress') {
      if (progress && progress.phase !== event.phase) flush();
      progress = event;
      // The first and the last report of a phase are never held back.
      if (event.done === 0 || event.done >= event.total || now() - lastSent >= INTERVAL) flush();
      return;
    }
    if (event.kind === 'metrics') {
      steps.push(...event.steps);
      if (now() - lastSent >= INTERVAL) flush();
      return;
    }
    flush();
    send(event);
  };
  return { emit, flush };
}
