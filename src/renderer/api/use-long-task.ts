import { useCallback, useEffect, useRef, useState } from 'react';
import type { AppErrorFields } from '../../shared/lib/app-error.ts';
import { appErrorOf } from './app-error.ts';

export interface LongTask {
  readonly running: boolean;
  readonly error: AppErrorFields | null;
  start(): void;
  cancel(): void;
}

/** One piece of long work at a time that a person starts and may cancel; leaving the screen cancels it. */
export function useLongTask<T>(run: (signal: AbortSignal) => Promise<AsyncIterable<T>>, onUpdate: (update: T) => void): LongTask {
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<AppErrorFields | null>(null);
  const current = useRef<AbortController | null>(null);
  const latest = useRef({ run, onUpdate });
  latest.current = { run, onUpdate };
  useEffect(() => () => current.current?.abort(), []);
  const cancel = useCallback(() => current.current?.abort(), []);
  const start = useCallback(() => {
    current.current?.abort();
    const stop = new AbortController();
    current.current = stop;
    setRunning(true);
    setError(null);
    const work = async () => {
      for await (const update of await latest.current.run(stop.signal)) {
        if (stop.signal.aborted) return;
        latest.current.onUpdate(update);
      }
    };
    work()
      .catch((reason: unknown) => {
        if (!stop.signal.aborted) setError(appErrorOf(reason));
      })
      .finally(() => {
        if (current.current === stop) setRunning(false);
      });
  }, []);
  return { running, error, start, cancel };
}
