/**
 * @file What a running run writes into the registry as it happens, so that every process sees it: status, points, log,
 * checkpoints, signs of life. And the other way: a request to stop that another process has left there.
 */
import type { MetricPoint, MetricValues } from '../../../shared/domain/metrics.ts';
import type { LogLine, RunData, RunMemory, RunPhase, RunStarted } from '../../../shared/domain/run-record.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import type { RunStatus } from '../../../shared/domain/run.ts';
import { isActive } from '../../../shared/domain/run.ts';
import { RecipesTable } from '../../registry/recipes-table.ts';
import { faultOf } from '../../registry/registry-faults.ts';
import type { Registry } from '../../registry/registry.ts';
import { MetricsTable } from '../../registry/metrics-table.ts';
import { type NewRun, RunsTable } from '../../registry/runs-table.ts';
import { RunDebt } from './run-debt.ts';
import { HEARTBEAT, listCheckpoints } from './run-folder.ts';
import { RunNarrator } from './run-narrator.ts';
import type { RunUpdate } from './run-update.ts';
import { LedgerNews } from './ledger-news.ts';

/** Milliseconds between two writes of points: at most 20 batches a second. */
const METRICS_INTERVAL = 50;
const PROGRESS_INTERVAL = 250;

/** Who starts a run, and of what; the rest is known when it begins. */
export type RunOrigin = Omit<NewRun, 'dir' | 'recipe_hash' | 'device' | 'threads' | 'status_json' | 'created_at'>;

export interface RunBeginning {
  readonly dir: string;
  readonly recipe: Recipe;
  readonly device: string;
  readonly threads: number | null;
  readonly status: RunStatus;
}

/** What an attempt wants to hear of its ledger. */
export interface LedgerListener {
  /** Another process asks to save and end; asked a second time, to end at once. */
  readonly onStop: () => void;
  /** The registry cannot be written, or can be again. */
  readonly onNews: (message: string) => void;
}

export class RunLedger {
  readonly #registry: Registry;
  readonly #origin: RunOrigin;
  readonly #runs: RunsTable;
  readonly #debt: RunDebt;
  readonly #news: LedgerNews;
  readonly #narrator = new RunNarrator();
  readonly #timers = new Set<NodeJS.Timeout>();
  #pending: MetricPoint[] = [];
  #flushing: NodeJS.Timeout | null = null;
  #progressAt = -Infinity;
  #dir = '';
  #unlisten: () => void = () => undefined;

  constructor(registry: Registry, origin: RunOrigin) {
    this.#registry = registry;
    this.#origin = origin;
    this.#runs = new RunsTable(registry.database);
    this.#debt = new RunDebt(registry, origin.id, (error) => this.#news.refused(error));
    this.#news = new LedgerNews(registry.health, () => this.#debt.dropped);
  }

  get id(): string {
    return this.#origin.id;
  }

  /** The run's row, before anything else of it happens. To be called inside a write of the registry. */
  register({ dir, recipe, device, threads, status }: RunBeginning): void {
    const recipeHash = new RecipesTable(this.#registry.database).put(recipe);
    if (this.#runs.get(this.id) === null) {
      this.#runs.insert({
        ...this.#origin,
        dir,
        recipe_hash: recipeHash,
        device,
        threads,
        status_json: JSON.stringify(status),
        created_at: new Date().toISOString(),
      });
    }
    this.#dir = dir;
  }

  /**
   * A run that has finished is listed as its folder tells it, where the registry does not know it. @returns whether it was not there
   * @throws AppError REGISTRY-BUSY and the others of `Registry.read`
   */
  async list(beginning: RunBeginning): Promise<boolean> {
    if (await this.#registry.read(() => this.#runs.get(this.id) !== null)) return false;
    this.#dir = beginning.dir;
    this.#debt.begin(() => this.register(beginning));
    await this.end(beginning.status);
    return true;
  }

  /** An engine is about to work for the run. Points and checkpoints after `resumedFrom` are no longer true. */
  begin(beginning: RunBeginning, resumedFrom: number | null, { onStop, onNews }: LedgerListener): void {
    this.#dir = beginning.dir;
    this.#news.tellTo(onNews);
    this.#debt.begin(() => this.#writeBeginning(beginning, resumedFrom));
    this.#debt.values({
      device: beginning.device,
      threads: beginning.threads,
      host: this.#origin.host,
      status_json: JSON.stringify(beginning.status),
      step: resumedFrom ?? 0,
      resumed_from: resumedFrom,
      progress_json: null,
      host_pid: process.pid,
      engine_pid: null,
      heartbeat_at: new Date().toISOString(),
      ended_at: null,
    });
    let seen = 0;
    const obey = () => {
      const level = this.#stopRequested();
      while (seen < level) {
        seen++;
        onStop();
      }
    };
    this.#timers.add(
      setInterval(() => {
        this.#facts({ heartbeat_at: new Date().toISOString() });
        // A request that could not be read when it came.
        obey();
      }, HEARTBEAT).unref(),
    );
    this.#unlisten = this.#registry.changes.listen(obey);
    this.#debt.pay();
    // It may have been asked for before anybody listened.
    obey();
  }

  status(status: RunStatus, enginePid: number | null): void {
    const step = 'step' in status ? status.step : status.kind === 'completed' ? status.steps : null;
    this.#takePending();
    this.#facts({
      status_json: JSON.stringify(status),
      engine_pid: enginePid,
      ...(step === null ? {} : { step }),
      ...('totalSteps' in status && status.totalSteps > 0 ? { total_steps: status.totalSteps } : {}),
      ...(status.kind === 'preparing' ? {} : { progress_json: null }),
      // A request to stop ends with what it stopped.
      ...(isActive(status) || status.kind === 'queued' ? {} : { ended_at: new Date().toISOString(), stop_requested: 0 }),
    });
  }

  update(update: RunUpdate): void {
    for (const line of this.#narrator.linesOf(update)) this.#say('info', line);
    switch (update.kind) {
      case 'step':
        return this.#addMetric(update);
      case 'progress':
        return this.#progress(update.phase, update.done, update.total);
      case 'started':
        return this.#facts({
          started_json: JSON.stringify({
            device: update.device,
            precision: update.precision,
            epochs: update.epochs,
            trainableParameters: update.trainableParameters,
            totalParameters: update.totalParameters,
          } satisfies RunStarted),
          total_steps: update.totalSteps,
        });
      case 'dataset':
        return this.#facts({
          data_json: JSON.stringify({
            rows: update.rows,
            dropped: update.dropped,
            truncated: update.truncated,
            tokens: update.tokens,
            targets: update.targets,
            longest: update.longest,
            evaluated: update.evaluated,
            ...(update.packs === null ? {} : { packs: update.packs }),
          } satisfies RunData),
        });
      case 'imported':
        return this.#facts({ dataset_rows: update.rows });
      case 'memory':
        return this.#facts({ memory_json: JSON.stringify(update.memory satisfies RunMemory) });
      case 'checkpoint':
        return void this.#seeCheckpoints();
      case 'log':
        return this.#say(update.level, update.message);
      case 'failed':
        return this.#say('error', [update.error.message, update.error.remedy].filter(Boolean).join(' '));
      case 'interrupted':
        return this.#say('error', update.message);
      case 'run':
      case 'stopped':
      case 'finished':
        return undefined;
      default:
        return undefined;
    }
  }

  /** Nothing more will come of this attempt. What is still owed is written when that is possible. */
  async end(status: RunStatus): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#unlisten();
    await this.#seeCheckpoints();
    this.status(status, null);
    this.#news.close();
  }

  #writeBeginning(beginning: RunBeginning, resumedFrom: number | null): void {
    this.register(beginning);
    const { attempt = 0, started_at: startedAt = null } = this.#runs.get(this.id) ?? {};
    new MetricsTable(this.#registry.database).deleteAfter(this.id, resumedFrom ?? 0);
    this.#runs.update(this.id, { attempt: attempt + 1, started_at: startedAt ?? new Date().toISOString() });
  }

  #stopRequested(): number {
    try {
      return this.#registry.isOpen ? this.#runs.stopRequested(this.id) : 0;
    } catch (error) {
      if (faultOf(error) === null) throw error;
      return 0;
    }
  }

  #addMetric({ step, values }: MetricPoint): void {
    this.#pending.push({ step, values });
    this.#flushing ??= setTimeout(() => {
      this.#takePending();
      this.#debt.pay();
    }, METRICS_INTERVAL);
  }

  #takePending(): void {
    if (this.#flushing !== null) clearTimeout(this.#flushing);
    this.#flushing = null;
    if (this.#pending.length === 0) return;
    // JSON has no NaN; a step without a number is told by the log, and is a gap in the curve.
    const points = this.#pending.map(({ step, values }) => ({ step, values: finite(values) }));
    for (const [i, { step, values }] of this.#pending.entries()) {
      const gone = Object.entries(values).filter(([name]) => !Object.hasOwn(points[i]!.values, name));
      if (gone.length > 0)
        this.#note('warning', `Step ${step} has no finite numbers: ${gone.map(([name, value]) => `${name} ${value}`).join(', ')}.`);
    }
    this.#debt.points(points.filter(({ values }) => Object.keys(values).length > 0));
    this.#debt.values({ step: this.#pending.at(-1)!.step, progress_json: null });
    this.#pending = [];
  }

  #progress(phase: RunPhase, done: number, total: number): void {
    if (performance.now() - this.#progressAt < PROGRESS_INTERVAL && done < total) return;
    this.#progressAt = performance.now();
    this.#facts({ progress_json: JSON.stringify({ phase, done, total }) });
  }

  #say(level: LogLine['level'], message: string): void {
    this.#note(level, message);
    this.#debt.pay();
  }

  #note(level: LogLine['level'], message: string): void {
    this.#debt.line({ time: new Date().toISOString(), level, message });
  }

  #facts(values: Parameters<RunsTable['update']>[1]): void {
    this.#debt.values(values);
    this.#debt.pay();
  }

  async #seeCheckpoints(): Promise<void> {
    // The folder may be gone or unreadable after a failure: what it holds is then nothing.
    this.#debt.checkpoints(await listCheckpoints(this.#dir).catch(() => []));
    this.#debt.pay();
  }
}

function finite(values: MetricValues): MetricValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
}
