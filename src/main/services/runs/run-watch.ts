/**
 * @file Follows runs in the registry, whoever runs them: reads on by cursors whenever something has changed. No history is kept in
 * memory, and a reader that is slow gets larger batches rather than more of them.
 */
import type { MetricPoint } from '../../../shared/domain/metrics.ts';
import { once } from 'node:events';
import { z } from 'zod';
import type { RunPhase, RunSummary, RunWatchUpdate } from '../../../shared/domain/run-record.ts';
import { LogLinesTable } from '../../registry/log-lines-table.ts';
import { MetricsTable } from '../../registry/metrics-table.ts';
import type { Registry } from '../../registry/registry.ts';
import { type RunRow, RunsTable } from '../../registry/runs-table.ts';
import { metricColumns, type RunViews } from './run-views.ts';

const POINTS = 4000;
const LINES = 500;
/** Characters of a line that are told; the run's folder has the whole. */
const LINE = 4096;
/** Milliseconds between two looks: 20 batches of points a second, 4 lists. */
const WATCH_INTERVAL = 50;
const LIST_INTERVAL = 250;
/** Milliseconds after which steps alone are worth telling the run's state again. */
const STATE_INTERVAL = 500;
/** Milliseconds after which a run whose owner has died without a word is noticed. */
const IDLE = 5000;

const progressSchema = z.object({
  phase: z.enum(['importing', 'reading', 'encoding', 'loading', 'compiling', 'evaluating']),
  done: z.number(),
  total: z.number(),
});

export interface RunWatchers {
  readonly registry: Registry;
  readonly views: RunViews;
  /** Marks runs whose owner is gone. */
  readonly reconcile: () => Promise<void>;
}

export async function* watchRun(
  { registry, views, reconcile }: RunWatchers,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<RunWatchUpdate, void, void> {
  const news = new RunNews(registry, views, id, signal);
  for await (const _ of rounds(registry, WATCH_INTERVAL, signal)) {
    try {
      await reconcile();
      yield* news.round();
    } catch (error) {
      // What cannot be read now is read in the next round.
      if (!registry.isFault(error)) throw error;
    }
    if (news.removed) return;
  }
}

/** How far a watcher has been told of a run. */
class RunNews {
  readonly #runs: RunsTable;
  readonly #metrics: MetricsTable;
  readonly #log: LogLinesTable;
  readonly #state: StateNews;
  readonly #id: string;
  readonly #signal: AbortSignal;
  #last: MetricPoint | null = null;
  #attempt = 0;
  #seq = 0;
  #progress: string | null = null;
  removed = false;

  constructor({ database }: Registry, views: RunViews, id: string, signal: AbortSignal) {
    this.#runs = new RunsTable(database);
    this.#metrics = new MetricsTable(database);
    this.#log = new LogLinesTable(database);
    this.#state = new StateNews(views);
    this.#id = id;
    this.#signal = signal;
  }

  *round(): Generator<RunWatchUpdate, void, void> {
    const row = this.#runs.get(this.#id);
    if (row === null) {
      this.removed = true;
      yield { kind: 'removed' };
      return;
    }
    if (row.attempt !== this.#attempt) yield* this.#rewind(row);
    const news = this.#state.of(row);
    if (news !== null) yield news;
    yield* this.#points();
    for (let lines = this.#log.after(this.#id, this.#seq, LINES); lines.length > 0; lines = this.#log.after(this.#id, this.#seq, LINES)) {
      yield { kind: 'log', lines: lines.map((line) => ({ ...line, message: line.message.slice(0, LINE) })) };
      this.#seq = lines.at(-1)!.seq;
    }
    if (row.progress_json === this.#progress) return;
    this.#progress = row.progress_json;
    const told = this.#progress === null ? null : progressSchema.safeParse(JSON.parse(this.#progress));
    if (told?.success) yield { kind: 'progress', ...(told.data as { phase: RunPhase; done: number; total: number }) };
  }

  *#rewind(row: RunRow): Generator<RunWatchUpdate, void, void> {
    const kept = row.resumed_from ?? 0;
    if (this.#last !== null && this.#last.step > kept) {
      const last = rowUpTo(this.#metrics, this.#id, kept);
      yield { kind: 'rewind', afterStep: kept };
      this.#last = last;
    }
    this.#attempt = row.attempt;
  }

  *#points(): Generator<RunWatchUpdate, void, void> {
    for (let points = this.#next(); points.length > 0; points = this.#next()) {
      yield { kind: 'metrics', columns: metricColumns(points, this.#last) };
      this.#last = points.at(-1)!;
      if (points.length < POINTS || this.#signal.aborted) break;
    }
  }

  #next(): readonly MetricPoint[] {
    return this.#metrics.after(this.#id, this.#last?.step ?? 0, POINTS);
  }
}

function rowUpTo(metrics: MetricsTable, id: string, step: number): MetricPoint | null {
  return step === 0 ? null : (metrics.after(id, step - 1, 1).find((row) => row.step === step) ?? null);
}

/** Decides when a run's state is told again: at once for anything but steps, twice a second for those. */
class StateNews {
  readonly #views: RunViews;
  #told = '';
  #step = -1;
  #at = 0;

  constructor(views: RunViews) {
    this.#views = views;
  }

  of(row: RunRow): RunWatchUpdate | null {
    const { step, heartbeat_at: _beat, progress_json: _progress, status_json: status, ...rest } = row;
    // The status repeats the step.
    const facts = JSON.stringify([rest, { ...(JSON.parse(status) as object), step: null }]);
    const isNew = facts !== this.#told || (step !== this.#step && performance.now() - this.#at >= STATE_INTERVAL);
    if (!isNew) return null;
    const run = this.#views.detail(row);
    [this.#told, this.#step, this.#at] = [facts, step, performance.now()];
    return { kind: 'run', run };
  }
}

export async function* watchRuns(
  { registry, views, reconcile }: RunWatchers,
  signal: AbortSignal,
): AsyncGenerator<readonly RunSummary[], void, void> {
  const runs = new RunsTable(registry.database);
  let told = '';
  for await (const _ of rounds(registry, LIST_INTERVAL, signal)) {
    try {
      await reconcile();
      const rows = runs.all();
      const facts = JSON.stringify(rows.map(({ heartbeat_at: _beat, ...row }) => row));
      if (facts === told) continue;
      const list = views.list(rows);
      told = facts;
      yield list;
    } catch (error) {
      // What cannot be read now is read in the next round.
      if (!registry.isFault(error)) throw error;
    }
  }
}

/** A round at first and after each change of the registry, at least `interval` apart; now and then one without a change. */
async function* rounds(registry: Registry, interval: number, signal: AbortSignal): AsyncGenerator<void, void, void> {
  let changed = true;
  const bell = new EventTarget();
  const unlisten = registry.changes.listen(() => {
    changed = true;
    bell.dispatchEvent(new Event('change'));
  });
  try {
    while (!signal.aborted) {
      if (!changed) await ring(bell, signal, IDLE);
      if (signal.aborted) return;
      changed = false;
      const began = performance.now();
      yield;
      const rest = interval - (performance.now() - began);
      if (rest > 0) await ring(new EventTarget(), signal, rest);
    }
  } finally {
    unlisten();
  }
}

/** Until the bell rings, the signal is aborted or the time is over, whichever comes first. */
async function ring(bell: EventTarget, signal: AbortSignal, milliseconds: number): Promise<void> {
  const done = new AbortController();
  const timer = setTimeout(() => done.abort(), milliseconds);
  try {
    await once(bell, 'change', { signal: AbortSignal.any([signal, done.signal]) });
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error;
  } finally {
    clearTimeout(timer);
    done.abort();
  }
}
