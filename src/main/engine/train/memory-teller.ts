import type { BackendSession } from '../backends/backend.ts';
import type { JobContext } from '../job-context.ts';

/** Tells what the device holds when its peak has grown, unless that was looked at less than `interval` milliseconds ago. */
export function memoryTeller(session: BackendSession, emit: JobContext['emit']): (interval: number) => void {
  let [peak, lookedAt] = [-1, -Infinity];
  return (interval) => {
    if (performance.now() - lookedAt < interval) return;
    lookedAt = performance.now();
    const memory = session.memory();
    if (memory.peak <= peak) return;
    peak = memory.peak;
    emit({ kind: 'memory', memory });
  };
}
