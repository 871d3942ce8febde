/**
 * @file The runs of the registry, whoever runs them, and those that this process runs itself.
 * Long, for it is every call of the noun, a few lines each; the work is in the files beside it.
 */
import { randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome } from '../../../shared/domain/outcome.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import { parseRecipe } from '../../../shared/domain/recipe/parse.ts';
import type { RecipeCheck, RunDetail, RunSummary, RunWatchUpdate } from '../../../shared/domain/run-record.ts';
import { isActive, transition, type RunStatus } from '../../../shared/domain/run.ts';
import { distinctName } from '../../../shared/lib/distinct-name.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { CheckpointsTable } from '../../registry/checkpoints-table.ts';
import { type RunRow, RunsTable } from '../../registry/runs-table.ts';
import type { ServiceContext } from '../context.ts';
import type { DatasetLibrary } from '../datasets/dataset-library.ts';
import type { EncodingSubject } from '../inspector/inspector.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import { claimNewRunFolder, claimRun, claimToRemove, finalOutcome, listCheckpoints, livingOwner, removeRunFolder } from './run-folder.ts';
import { RunLedger, type RunOrigin } from './run-ledger.ts';
import { ownerOf, type RunClaim, runActive } from './run-owner.ts';
import { RunViews, statusOf } from './run-views.ts';
import { type RunWatchers, watchRun, watchRuns } from './run-watch.ts';
import type { RunHandle } from './run-handle.ts';
import { resumeClaimed, startRun } from './runs.ts';
import type { SettingsStore } from '../studio/settings-store.ts';

/** Milliseconds that runs get to save when the host goes down, and between two looks for owners that have died. */
const CLOSING = 20_000;
const RECONCILE_INTERVAL = 2000;
/** Runs of this studio that train at once. */
const MOST_RUNS = 8;

export class RunLibrary {
  readonly #context: ServiceContext;
  readonly #settings: SettingsStore;
  readonly #models: ModelLibrary;
  readonly #datasets: DatasetLibrary;
  readonly #runs: RunsTable;
  readonly #views: RunViews;
  readonly #watchers: RunWatchers;
  /** Those of this process, by id. */
  readonly #handles = new Map<string, RunHandle>();
  #reconciledAt = -Infinity;

  constructor(context: ServiceContext, settings: SettingsStore, models: ModelLibrary, datasets: DatasetLibrary) {
    this.#context = context;
    this.#settings = settings;
    this.#models = models;
    this.#datasets = datasets;
    this.#runs = new RunsTable(context.registry.database);
    this.#views = new RunViews(context.registry);
    this.#watchers = { registry: context.registry, views: this.#views, reconcile: () => this.#reconcile() };
  }

  /** A form's settings as a whole, before anything is loaded. */
  check(modelId: string, datasetId: string, settings: Readonly<Record<string, unknown>>): RecipeCheck {
    const model = this.#models.get(modelId);
    const dataset = this.#datasets.get(datasetId);
    try {
      const { recipe, notices } = parseRecipe({ ...settings, model: model.path, dataset: { file: dataset.version.file } }, dataset.name);
      return { problems: [], notices, recipe, error: null };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const problems = error.data?.['problems'];
      return { problems: Array.isArray(problems) ? problems.map(String) : [error.message], notices: [], recipe: null, error: error.toFields() };
    }
  }

  /** Saves pending edits of the dataset, then starts. @throws AppError RECIPE, MODEL-UNKNOWN, DATASET-UNKNOWN, RUNS-MANY */
  async start(subject: EncodingSubject, name: string | null, origin: RunSummary['origin'] = null): Promise<RunSummary> {
    this.#refuseBeyondMost();
    const model = this.#models.get(subject.modelId);
    const dataset = this.#datasets.get(subject.datasetId);
    const version = await this.#datasets.save(subject.datasetId);
    const { recipe, notices } = parseRecipe(
      { ...subject.settings, model: model.path, dataset: { file: version.file, format: 'canonical', name: dataset.name } },
      dataset.name,
    );
    if (origin !== null) await this.#reconcile(true);
    const { device, threads } = this.#settings.get();
    // Held before the row is there to be seen: an unclaimed run that says it is under way counts as interrupted.
    let claim: RunClaim | null = null;
    // One change of the registry: two windows, or two studios, that ask at the same time get one run and two names that differ.
    const begun = await this.#context.registry
      .write(() => {
        const known = this.#runs.all();
        const other = origin === null ? undefined : known.find((row) => row.origin === origin && isUnderWay(statusOf(row)));
        if (other !== undefined) return { other };
        // Another studio may have removed either while the edits were saved.
        this.#models.get(model.id);
        this.#datasets.version(version.id);
        const id = randomUUID();
        const runName = distinctName(
          name ?? `${model.name.split('/').at(-1)!} · ${dataset.name}`,
          known.map((row) => row.name),
        );
        const outDir = join(this.#context.data.runs, `${slug(runName)}-${timestamp()}-${id.slice(0, 4)}`);
        claim = claimNewRunFolder(outDir);
        const ledger = this.#ledger({
          id,
          name: runName,
          model_id: model.id,
          model_name: model.name,
          model_path: model.path,
          dataset_version_id: version.id,
          dataset_name: dataset.name,
          dataset_rows: version.rows,
          host: 'studio',
          origin,
        });
        ledger.register({ dir: outDir, recipe, device: device === 'auto' ? 'cpu' : device, threads, status: { kind: 'queued' } });
        return { id, outDir, ledger, claim };
      })
      .catch((error: unknown): never => {
        claim?.release({ remove: true });
        throw error;
      });
    if (begun.other !== undefined) return this.#views.summary(begun.other);
    const { id, outDir, ledger } = begun;
    const rows = { file: version.file, contentHash: version.contentHash };
    this.#own(
      ledger,
      begun.claim,
      startRun({ recipe, notices, outDir, device, threads, rows }, this.#context.data, () => undefined, ledger, begun.claim),
    );
    return this.#views.summary(this.#row(id));
  }

  /** Each run is an engine with weights of its own; no machine has room for any number of them. */
  #refuseBeyondMost(): void {
    if (this.#handles.size < MOST_RUNS) return;
    throw new AppError({
      code: 'RUNS-MANY',
      message: `${MOST_RUNS} runs are training in this studio already.`,
      remedy: 'Wait until one has ended, or stop one: it can be resumed later.',
    });
  }

  /** Goes on with a run from its newest checkpoint. @throws AppError RUN-UNKNOWN, RUN-STATE, RUN-ACTIVE, RUN-FOLDER */
  async resume(id: string): Promise<RunSummary> {
    this.#refuseBeyondMost();
    await this.#reconcile(true);
    this.#refuseUnlessOver(id);
    const { run, claim } = await claimRun(this.#row(id).dir);
    try {
      // A second request may have come while the first was on its way.
      const row = this.#refuseUnlessOver(id);
      if (claim === null) throw stateError(row.name, run.record.status.kind);
      const status = statusOf(row);
      const ledger = this.#ledger({ ...row, host: 'studio' });
      const { recipe } = this.#views.detail(row);
      await this.#context.registry.write(() => {
        this.#runs.update(id, {
          status_json: JSON.stringify({ kind: 'preparing', resumeFrom: null }),
          stop_requested: 0,
          host_pid: process.pid,
          heartbeat_at: new Date().toISOString(),
          ended_at: null,
        });
        ledger.register({ dir: row.dir, recipe, device: row.device, threads: row.threads, status });
      });
      this.#own(
        ledger,
        claim,
        resumeClaimed(run, this.#context.data, () => undefined, ledger),
      );
      return this.#views.summary(this.#row(id));
    } catch (error) {
      claim?.release();
      throw error;
    }
  }

  /** @throws AppError RUN-UNKNOWN, RUN-ACTIVE, RUN-STATE */
  #refuseUnlessOver(id: string): RunRow {
    const row = this.#row(id);
    const status = statusOf(row);
    const owner = this.#handles.has(id) || !isUnderWay(status) ? 'nobody' : ownerOf(row.dir);
    if (typeof owner !== 'string') throw runActive(row.dir, owner);
    if (this.#handles.has(id) || isActive(status) || status.kind === 'completed') throw stateError(row.name, status.kind);
    return row;
  }

  /** A run of this process is at work. */
  get busy(): boolean {
    return this.#handles.size > 0;
  }

  /** Looks first for runs whose owner has died: for a command that lists once and goes. */
  async settled(): Promise<readonly RunSummary[]> {
    await this.#reconcile(true);
    return this.list();
  }

  list(): readonly RunSummary[] {
    return this.#views.list(this.#runs.all());
  }

  /** @throws AppError RUN-UNKNOWN */
  get(id: string): RunDetail {
    return this.#views.detail(this.#row(id));
  }

  watchList(signal: AbortSignal): AsyncIterable<readonly RunSummary[]> {
    return watchRuns(this.#watchers, signal);
  }

  watch(id: string, signal: AbortSignal): AsyncIterable<RunWatchUpdate> {
    this.#row(id);
    return watchRun(this.#watchers, id, signal);
  }

  /** Saves and ends; asked again, ends at once. A run of another process finds the request in the registry. */
  async stop(id: string): Promise<void> {
    const row = this.#row(id);
    const handle = this.#handles.get(id);
    if (handle) return handle.stop();
    if (!isUnderWay(statusOf(row))) return;
    await this.#context.registry.write(() => this.#runs.requestStop(id));
  }

  rename(id: string, name: string): Promise<void> {
    return this.#change(id, { name });
  }

  note(id: string, notes: string): Promise<void> {
    return this.#change(id, { notes });
  }

  /** Deletes the run with its folder. @throws AppError RUN-UNKNOWN, RUN-ACTIVE */
  async remove(id: string): Promise<void> {
    await this.#reconcile(true);
    const row = this.#row(id);
    if (isActive(statusOf(row))) throw new AppError({ code: 'RUN-ACTIVE', message: `${row.name} is at work.`, remedy: 'Stop it first.' });
    // It may just have ended and still be writing its last word.
    await this.#handles.get(id)?.ended.catch(() => undefined);
    // Only what is the folder of a run is touched, whatever the registry says, and of that only what is ours.
    const claim = await claimToRemove(row.dir);
    if (claim !== null) await removeRunFolder(claim);
    await this.#context.registry.write(() => this.#runs.delete(id));
  }

  /** What a run has saved: at a checkpoint, or (null) in the end, else at the newest checkpoint. @throws AppError RUN-UNKNOWN, ADAPTER-NONE */
  async outcome(id: string, checkpoint: number | null): Promise<Outcome> {
    const row = this.#row(id);
    const final = finalOutcome(row.dir, this.#views.yields(row));
    if (checkpoint === null && statusOf(row).kind === 'completed') return final;
    const there = await listCheckpoints(row.dir).catch(() => []);
    const found = checkpoint === null ? there.at(-1) : there.find(({ step }) => step === checkpoint);
    if (found) return { kind: final.kind, folder: found.path };
    throw new AppError({
      code: 'ADAPTER-NONE',
      message: `${row.name} has ${checkpoint === null ? 'saved no checkpoint yet' : `no checkpoint of step ${checkpoint}`}.`,
      data: { steps: there.map(({ step }) => step) },
      remedy: 'Wait for a checkpoint, or choose another one.',
    });
  }

  /** The registry's side of a run that the command line starts. */
  ledgerForCommand(recipe: Recipe, outDir: string): RunLedger {
    return this.#ledger({
      id: randomUUID(),
      name: basename(outDir),
      model_id: null,
      model_name: basename(recipe.model),
      model_path: recipe.model,
      dataset_version_id: null,
      dataset_name: recipe.dataset.name ?? basename(recipe.dataset.file),
      dataset_rows: null,
      host: 'cli',
    });
  }

  /** The registry's side of a run in a folder, known or not, that the command line goes on with. */
  ledgerForFolder(recipe: Recipe, dir: string): RunLedger {
    const row = this.#runs.byDir(dir);
    return row === null ? this.ledgerForCommand(recipe, dir) : this.#ledger({ ...row, host: 'cli' });
  }

  /** Asks the runs of this process to save and end, and waits for them; those that take too long are ended. */
  async close(): Promise<void> {
    const handles = [...this.#handles];
    // One that is saving already must not be asked a second time: that would end it at once.
    for (const [, handle] of handles) if (!handle.stopping) handle.stop();
    const ended = Promise.allSettled(handles.map(([, handle]) => handle.ended));
    await Promise.race([ended, delay(CLOSING, undefined, { ref: false })]);
    for (const handle of this.#handles.values()) handle.stop();
    await Promise.race([ended, delay(CLOSING, undefined, { ref: false })]);
    // What `#own` still has to note.
    await delay(0);
  }

  #change(id: string, values: Partial<Pick<RunRow, 'name' | 'notes'>>): Promise<void> {
    return this.#context.registry.write(() => {
      this.#row(id);
      this.#runs.update(id, values);
    });
  }

  #ledger(origin: RunOrigin): RunLedger {
    const { id, name, model_id, model_name, model_path, dataset_version_id, dataset_name, dataset_rows, host, origin: askedBy = null } = origin;
    return new RunLedger(this.#context.registry, {
      id,
      name,
      model_id,
      model_name,
      model_path,
      dataset_version_id,
      dataset_name,
      dataset_rows,
      host,
      origin: askedBy,
    });
  }

  /** Keeps a run of this process, and its claim, until it has ended; a run that never came to be says why. */
  #own(ledger: RunLedger, claim: RunClaim, handle: RunHandle): void {
    this.#handles.set(ledger.id, handle);
    // Where that fails, the run's page still opens it.
    handle.ended.then((status) => this.#openOutcome(ledger.id, status)).catch(() => undefined);
    handle.ended
      .catch((error: unknown) => {
        const fields = error instanceof AppError ? error.toFields() : { code: 'INTERNAL', message: String(error) };
        ledger.update({ kind: 'failed', error: fields });
        return ledger.end({ kind: 'failed', error: fields, resumeFrom: null });
      })
      .finally(() => {
        claim.release();
        this.#handles.delete(ledger.id);
      });
  }

  /** A model that a run has yielded is a model of the studio's from then on. */
  async #openOutcome(id: string, { kind }: RunStatus): Promise<void> {
    const row = this.#runs.get(id);
    if (kind !== 'completed' || row === null || this.#views.yields(row) !== 'model') return;
    await this.#models.open(finalOutcome(row.dir, 'model').folder);
  }

  /** Marks active runs whose owner has died without a word as interrupted. */
  async #reconcile(now = false): Promise<void> {
    if (!now && performance.now() - this.#reconciledAt < RECONCILE_INTERVAL) return;
    this.#reconciledAt = performance.now();
    for (const row of this.#runs.all()) {
      const status = statusOf(row);
      if (!isUnderWay(status) || this.#handles.has(row.id) || (await this.#hasOwner(row))) continue;
      await this.#interrupt(row, status).catch((error: unknown) => {
        // Where the registry cannot be written now, the next look finds the same.
        if (!this.#context.registry.isFault(error)) throw error;
      });
    }
  }

  async #interrupt(row: RunRow, status: RunStatus): Promise<void> {
    const lost = transition(status, { kind: 'engine-lost' }) ?? { kind: 'stopped' as const, resumeFrom: null };
    const checkpoints = await listCheckpoints(row.dir).catch(() => []);
    const interrupted = lost.kind === 'interrupted' ? { ...lost, step: row.step, resumeFrom: checkpoints.at(-1)?.step ?? null } : lost;
    this.#context.registry.database
      .transaction(() => {
        new CheckpointsTable(this.#context.registry.database).replace(row.id, checkpoints);
        // Its owner may have come back to it, or ended it, while we looked at the disk.
        this.#runs.updateIf(row.id, row.status_json, {
          status_json: JSON.stringify(interrupted),
          engine_pid: null,
          stop_requested: 0,
          ended_at: row.heartbeat_at ?? new Date().toISOString(),
          progress_json: null,
        });
      })
      .immediate();
    this.#context.registry.changes.emit();
  }

  async #hasOwner(row: RunRow): Promise<boolean> {
    const owner = ownerOf(row.dir);
    if (owner !== 'unclaimed') return owner !== 'nobody';
    // Of a version without locks, or its folder is gone.
    return (await livingOwner(Date.parse(row.heartbeat_at ?? row.created_at), [row.host_pid, row.engine_pid])) !== null;
  }

  #row(id: string): RunRow {
    const row = this.#runs.get(id);
    if (row !== null) return row;
    throw new AppError({
      code: 'RUN-UNKNOWN',
      message: 'There is no such run; it may have been deleted.',
      data: { id },
      remedy: 'Choose a run from the list.',
    });
  }
}

/** Waiting for an engine, or at work. */
function isUnderWay(status: RunStatus): boolean {
  return isActive(status) || status.kind === 'queued';
}

function stateError(name: string, kind: RunStatus['kind']): AppError {
  return new AppError({ code: 'RUN-STATE', message: `${name} is ${kind}; only a run that was stopped, failed or was interrupted goes on.` });
}

function slug(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 40) || 'run'
  );
}

function timestamp(): string {
  return new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
}
