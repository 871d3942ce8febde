import { useCallback, useEffect, useRef, useState } from 'react';
import type { LogLine, RunDetail, RunPhase, RunWatchUpdate } from '../../../shared/domain/run-record.ts';
import type { AppErrorFields } from '../../../shared/lib/app-error.ts';
import { client } from '../../api/client.ts';
import { useStream } from '../../api/use-stream.ts';
import { RunCurves } from './run-curves.ts';

/** Milliseconds between two drawings of new points. */
const DRAW_INTERVAL = 100;
const MOST_LINES = 10_000;

export interface WatchedRun {
  /** Null until the host has told. */
  readonly run: RunDetail | null;
  readonly curves: RunCurves;
  /** Changes when the curves have. */
  readonly curvesVersion: number;
  readonly log: readonly LogLine[];
  /** What goes on before the first step. */
  readonly progress: { readonly phase: RunPhase; readonly done: number; readonly total: number } | null;
  readonly removed: boolean;
  readonly error: AppErrorFields | null;
  restart(): void;
}

/** Follows one run for as long as its page stands. */
export function useRunWatch(id: string): WatchedRun {
  const curves = useRef(new RunCurves()).current;
  const [curvesVersion, setCurvesVersion] = useState(0);
  const [run, setRun] = useState<RunDetail | null>(null);
  const [log, setLog] = useState<readonly LogLine[]>([]);
  const [progress, setProgress] = useState<WatchedRun['progress']>(null);
  const [removed, setRemoved] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const draw = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      setCurvesVersion(curves.version);
    }, DRAW_INTERVAL);
  }, [curves]);
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);

  const { error, restart } = useStream<RunWatchUpdate>({
    open: (signal) => client.runs.watch({ id }, { signal }),
    onStart() {
      curves.clear();
      setLog([]);
      draw();
    },
    onUpdate(update) {
      if (curves.apply(update)) return draw();
      switch (update.kind) {
        case 'run':
          setRun(update.run);
          if (update.run.status.kind !== 'preparing') setProgress(null);
          return undefined;
        case 'log': return setLog((lines) => [...lines, ...update.lines].slice(-MOST_LINES));
        case 'progress': return setProgress(update);
        case 'removed': return setRemoved(true);
        default: return undefined;
      }
    },
    deps: [id],
  });
  return { run, curves, curvesVersion, log, progress, removed, error, restart };
}
