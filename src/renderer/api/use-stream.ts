import { useCallback, useEffect, useRef, useState } from 'react';
import type { AppErrorFields } from '../../shared/lib/app-error.ts';
import { appErrorOf } from './app-error.ts';
import { useConnection } from './connection.ts';

export interface StreamOptions<T> {
  readonly open: (signal: AbortSignal) => Promise<AsyncIterable<T>>;
  readonly onUpdate: (update: T) => void;
  /** Before the first update of each opening: what was heard before is told again. */
  readonly onStart?: () => void;
  readonly enabled?: boolean;
  /** A change opens it anew. */
  readonly deps: readonly unknown[];
}

export interface Stream {
  readonly state: 'connecting' | 'open' | 'ended' | 'failed';
  readonly error: AppErrorFields | null;
  restart(): void;
}

/** Milliseconds before a stream that broke without a word of the host is opened again. */
const RETRY = 1000;

/** Follows a stream of the host for as long as the component stands, across lost connections. */
export function useStream<T>({ open, onUpdate, onStart, enabled = true, deps }: StreamOptions<T>): Stream {
  const [attempt, setAttempt] = useState(0);
  const { opened } = useConnection();
  const [outcome, setOutcome] = useState<Omit<Stream, 'restart'>>({ state: 'connecting', error: null });
  const latest = useRef({ open, onUpdate, onStart });
  latest.current = { open, onUpdate, onStart };
  const restart = useCallback(() => setAttempt((n) => n + 1), []);
  useEffect(() => {
    if (!enabled) return undefined;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    setOutcome({ state: 'connecting', error: null });
    follow(stop.signal).catch((error: unknown) => {
      if (stop.signal.aborted) return;
      const fields = appErrorOf(error);
      // What the host declared is an answer; anything else is a connection that broke.
      const answered = fields.code !== 'CONNECTION';
      setOutcome({ state: answered ? 'failed' : 'connecting', error: answered ? fields : null });
      if (!answered) timer = setTimeout(restart, RETRY);
    });
    return () => {
      clearTimeout(timer);
      stop.abort();
    };

    async function follow(signal: AbortSignal) {
      const stream = await latest.current.open(signal);
      latest.current.onStart?.();
      setOutcome({ state: 'open', error: null });
      for await (const update of stream) {
        if (signal.aborted) return;
        latest.current.onUpdate(update);
      }
      if (!signal.aborted) setOutcome({ state: 'ended', error: null });
    }
  }, [attempt, opened, enabled, restart, ...deps]);
  return { ...outcome, restart };
}
