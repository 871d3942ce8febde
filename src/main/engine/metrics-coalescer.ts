import type { EngineEvent, StepMetrics } from './protocol.ts';

/** Milliseconds between two batches of metrics: at most 20 a second reach the host, however fast the steps are. */
const INTERVAL = 50;

export interface MetricsCoalescer {
  /** Sends everything but metrics at once; metrics of quick steps go together. Order is kept. */
  readonly emit: (event: EngineEvent) => void;
  readonly flush: () => void;
}

export function coalesceMetrics(send: (event: EngineEvent) => void, now: () => number = Date.now): MetricsCoalescer {
  let waiting: StepMetrics[] = [];
  let lastSent = -Infinity;
  const flush = () => {
    if (waiting.length === 0) return;
    send({ kind: 'metrics', steps: waiting });
    waiting = [];
    lastSent = now();
  };
  const emit = (event: EngineEvent) => {
    if (event.kind !== 'metrics') {
      flush();
      send(event);
      return;
    }
    waiting.push(...event.steps);
    // No timer: a step that follows, or any other event, carries what waits; the end of the job flushes.
    if (now() - lastSent >= INTERVAL) flush();
  };
  return { emit, flush };
}
