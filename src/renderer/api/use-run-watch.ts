import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { MAIN_METRIC } from '../../shared/domain/metrics.ts';
import type { LogLine, RunDetail, RunPhase, RunWatchUpdate } from '../../shared/domain/run-record.ts';
import type { AppErrorFields } from '../../shared/lib/app-error.ts';
import { RunCurves } from '../lib/run-curves.ts';
import { client } from './client.ts';
import { useStream } from './use-stream.ts';

/** Milliseconds between two drawings of new points. */
const DRAW_INTERVAL = 100;
const MOST_LINES = 10_000;

/** What of the curves is shown: figures beside a chart are taken from here, so that both tell of the same step. */
export interface Drawn {
  readonly version: number;
  readonly step: number | null;
  readonly firstLoss: number | null;
  readonly loss: number | null;
}

export interface WatchedRun {
  /** Null until the host has told. Step and loss are those of the last point drawn. */
  readonly run: RunDetail | null;
  readonly curves: RunCurves;
  readonly drawn: Drawn;
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
  /** Counts the drawings that were asked for. */
  const [asked, setAsked] = useState(0);
  const [told, setRun] = useState<RunDetail | null>(null);
  const [log, setLog] = useState<readonly LogLine[]>([]);
  const [progress, setProgress] = useState<WatchedRun['progress']>(null);
  const [removed, setRemoved] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const draw = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      setAsked((times) => times + 1);
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
        case 'log':
          return setLog((lines) => [...lines, ...update.lines].slice(-MOST_LINES));
        case 'progress':
          return setProgress(update);
        case 'removed':
          return setRemoved(true);
        default:
          return undefined;
      }
    },
    deps: [id],
  });
  // The curves change in place, and points may have come since the drawing was asked for: figures, version and curves are read in
  // one rendering, so that they are of one step.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const drawn = useMemo(() => drawnOf(curves), [told, asked, curves]);
  const run = useMemo(() => (told === null || drawn.step === null ? told : { ...told, step: drawn.step, lastLoss: drawn.loss }), [told, drawn]);
  return { run, curves, drawn, log, progress, removed, error, restart };
}

function drawnOf(curves: RunCurves): Drawn {
  return { version: curves.version, step: curves.step.at(-1) ?? null, firstLoss: curves.first(MAIN_METRIC), loss: curves.last(MAIN_METRIC) };
}
