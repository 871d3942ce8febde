/**
 * @file What a running run writes into the registry as it happens, so that every process sees it: status, points, log,
 * checkpoints, signs of life. And the other way: a request to stop that another process has left there.
 */
import type { RunData, RunMemory, RunPhase, RunStarted } from '../../shared/domain/run-record.ts';
import type { Recipe } from '../../shared/domain/recipe.ts';
import type { RunStatus } from '../../shared/domain/run.ts';
import { isActive } from '../../shared/domain/run.ts';
import { writeError } from '../../shared/lib/write-error.ts';
import { CheckpointsTable } from '../registry/checkpoints-table.ts';
import { LogLinesTable } from '../registry/log-lines-table.ts';
import { MetricsTable, type MetricRow } from '../registry/metrics-table.ts';
import { RecipesTable } from '../registry/recipes-table.ts';
import type { Registry } from '../registry/registry.ts';
import { type NewRun, RunsTable } from '../registry/runs-table.ts';
import { HEARTBEAT, listCheckpoints } from './run-folder.ts';
import { RunNarrator } from './run-narrator.ts';
import type { RunUpdate } from './run-update.ts';

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

export class RunLedger {
  readonly #registry: Registry;
  readonly #origin: RunOrigin;
  readonly #runs: RunsTable;
  readonly #metrics: MetricsTable;
  readonly #log: LogLinesTable;
  readonly #checkpoints: CheckpointsTable;
  readonly #narrator = new RunNarrator();
  readonly #timers = new Set<NodeJS.Timeout>();
  #pending: MetricRow[] = [];
  #flushing: NodeJS.Timeout | null = null;
  #progressAt = 0;
  #dir = '';
  #unlisten: () => void = () => undefined;
  #onFailure: (error: unknown) => void = () => undefined;

  constructor(registry: Registry, origin: RunOrigin) {
    this.#registry = registry;
    this.#origin = origin;
    this.#runs = new RunsTable(registry.database);
    this.#metrics = new MetricsTable(registry.database);
    this.#log = new LogLinesTable(registry.database);
    this.#checkpoints = new CheckpointsTable(registry.database);
  }

  get id(): string {
    return this.#origin.id;
  }

  /** The run's row, before anything else of it happens. */
  register({ dir, recipe, device, threads, status }: RunBeginning): void {
    const recipeHash = new RecipesTable(this.#registry.database).put(recipe);
    if (this.#runs.get(this.id) === null) {
      this.#runs.insert({ ...this.#origin, dir, recipe_hash: recipeHash, device, threads, status_json: JSON.stringify(status), created_at: new Date().toISOString() });
    }
    this.#dir = dir;
    this.#registry.changes.emit();
  }

  /**
   * An engine is about to work for the run. Points and checkpoints after `resumedFrom` are no longer true.
   * @param onFailure called when the registry cannot be written from a timer, where nobody else would hear of it
   * @param onStop called with 1 when another process asks to save and end, with 2 when it asks to end at once
   */
  begin(beginning: RunBeginning, resumedFrom: number | null, onFailure: (error: unknown) => void, onStop: (level: number) => void): void {
    this.#onFailure = onFailure;
    this.register(beginning);
    const now = new Date().toISOString();
    this.#registry.database.transaction(() => {
      const { attempt = 0, started_at: startedAt = null } = this.#runs.get(this.id) ?? {};
      this.#metrics.deleteAfter(this.id, resumedFrom ?? 0);
      this.#runs.update(this.id, {
        device: beginning.device, threads: beginning.threads, host: this.#origin.host, status_json: JSON.stringify(beginning.status), step: resumedFrom ?? 0,
        attempt: attempt + 1, resumed_from: resumedFrom, progress_json: null,
        host_pid: process.pid, engine_pid: null, heartbeat_at: now, started_at: startedAt ?? now, ended_at: null,
      });
    }).immediate();
    this.#timers.add(setInterval(() => this.#guarded(() => this.#runs.touch(this.id, new Date().toISOString())), HEARTBEAT).unref());
    let seen = 0;
    const obey = () => this.#guarded(() => {
      const level = this.#runs.stopRequested(this.id);
      while (seen < level) onStop(++seen);
    });
    this.#unlisten = this.#registry.changes.listen(obey);
    // It may have been asked for before anybody listened.
    obey();
    this.#registry.changes.emit();
  }

  status(status: RunStatus, enginePid: number | null): void {
    this.#flush();
    const step = 'step' in status ? status.step : status.kind === 'completed' ? status.steps : null;
    this.#runs.update(this.id, {
      status_json: JSON.stringify(status),
      engine_pid: enginePid,
      ...(step === null ? {} : { step }),
      ...('totalSteps' in status && status.totalSteps > 0 ? { total_steps: status.totalSteps } : {}),
      ...(status.kind === 'preparing' ? {} : { progress_json: null }),
      // A request to stop ends with what it stopped.
      ...(isActive(status) || status.kind === 'queued' ? {} : { ended_at: new Date().toISOString(), stop_requested: 0 }),
    });
    this.#registry.changes.emit();
  }

  update(update: RunUpdate): void {
    for (const line of this.#narrator.linesOf(update)) this.#say('info', line);
    switch (update.kind) {
      case 'step': return this.#addMetric(update);
      case 'progress': return this.#progress(update.phase, update.done, update.total);
      case 'started': return this.#facts({ started_json: JSON.stringify({ device: update.device, precision: update.precision, epochs: update.epochs, trainableParameters: update.trainableParameters, totalParameters: update.totalParameters } satisfies RunStarted), total_steps: update.totalSteps });
      case 'dataset': return this.#facts({ data_json: JSON.stringify({ rows: update.rows, dropped: update.dropped, truncated: update.truncated, tokens: update.tokens, targets: update.targets, longest: update.longest } satisfies RunData) });
      case 'imported': return this.#facts({ dataset_rows: update.rows });
      case 'memory': return this.#facts({ memory_json: JSON.stringify(update.memory satisfies RunMemory) });
      case 'checkpoint': return void this.#seeCheckpoints();
      case 'log': return this.#say(update.level, update.message);
      case 'failed': return this.#say('error', [update.error.message, update.error.remedy].filter(Boolean).join(' '));
      case 'interrupted': return this.#say('error', update.message);
      case 'run': case 'stopped': case 'finished': return undefined;
      default: return undefined;
    }
  }

  /** Nothing more will come of this attempt. */
  async end(status: RunStatus): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#unlisten();
    await this.#seeCheckpoints();
    if (this.#registry.isOpen) this.status(status, null);
  }

  #addMetric(row: MetricRow): void {
    this.#pending.push(row);
    this.#flushing ??= setTimeout(() => this.#guarded(() => this.#flush()), METRICS_INTERVAL);
  }

  #flush(): void {
    if (this.#flushing !== null) clearTimeout(this.#flushing);
    this.#flushing = null;
    if (this.#pending.length === 0) return;
    // SQLite has no NaN; a step without a number is told by the log, and is a gap in the curve.
    const finite = this.#pending.filter((row) => [row.loss, row.grad_norm, row.learning_rate].every(Number.isFinite));
    for (const { step, loss, grad_norm: norm } of this.#pending.filter((row) => !finite.includes(row))) this.#say('warning', `Step ${step} has no finite numbers: loss ${loss}, gradient norm ${norm}.`);
    const last = this.#pending.at(-1)!.step;
    const rows = finite.map(({ step, epoch, loss, grad_norm, learning_rate, num_tokens, target_tokens, seconds, elapsed_seconds }) => ({ step, epoch, loss, grad_norm, learning_rate, num_tokens, target_tokens, seconds, elapsed_seconds }));
    this.#pending = [];
    this.#metrics.insert(this.id, rows);
    this.#facts({ step: last, progress_json: null });
  }

  #progress(phase: RunPhase, done: number, total: number): void {
    if (Date.now() - this.#progressAt < PROGRESS_INTERVAL && done < total) return;
    this.#progressAt = Date.now();
    this.#facts({ progress_json: JSON.stringify({ phase, done, total }) });
  }

  #say(level: 'info' | 'warning' | 'error', message: string): void {
    this.#log.append(this.id, level, message);
    this.#registry.changes.emit();
  }

  #facts(values: Parameters<RunsTable['update']>[1]): void {
    this.#runs.update(this.id, values);
    this.#registry.changes.emit();
  }

  async #seeCheckpoints(): Promise<void> {
    // The folder may be gone or unreadable after a failure: what it holds is then nothing.
    const there = await listCheckpoints(this.#dir).catch(() => []);
    this.#guarded(() => {
      this.#checkpoints.replace(this.id, there);
      this.#registry.changes.emit();
    });
  }

  /** From timers and listeners an error would end the whole host. */
  #guarded(work: () => void): void {
    try {
      if (this.#registry.isOpen) work();
    } catch (error) {
      this.#onFailure(writeError(this.#registry.database.name, error));
    }
  }
}
