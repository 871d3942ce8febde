/** @file One engine process's share of a run: from importing its rows to its last word, told, logged and recorded on the way. */
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataFolder } from '../../../shared/domain/data-folder.ts';
import { adviceLines, type AdviceFacts } from '../../../shared/domain/recipe/advice.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import { type RunEvent, type RunStatus, transition } from '../../../shared/domain/run.ts';
import { AppError, type AppErrorFields } from '../../../shared/lib/app-error.ts';
import { startJob, type DeviceChoice, type EngineEvent, type RunningJob } from '../../engine-host/engine-host.ts';
import { runTask } from '../../worker-host/workers.ts';
import { importForRecipe } from '../datasets/datasets.ts';
import type { RunNotice } from './run-checkpoints.ts';
import { HEARTBEAT, touchRecord, writeRecord, type RunRecord } from './run-folder.ts';
import type { StopRequest } from './run-handle.ts';
import type { RunLedger } from './run-ledger.ts';
import { RunLog } from './run-log.ts';
import { updatesOf, type RunUpdate } from './run-update.ts';

/** What advice is given on before rows and model are known. */
export const NOT_KNOWN: AdviceFacts = { steps: null, rows: null, positions: null, longest: null };

/** Milliseconds between two writes of status.json for steps alone. */
const STEP_INTERVAL = 1000;
/** Milliseconds between two tries to write status.json on a full disk, and for how long the end of a run waits for room. */
const ROOM_RETRY = 500;
const ROOM_PATIENCE = 10_000;

export type Rows = NonNullable<RunRecord['rows']>;
export type OnUpdate = (update: RunUpdate) => void;

export interface Place {
  readonly dir: string;
  readonly device: DeviceChoice;
  readonly threads: number | null;
  readonly data: DataFolder;
}

/** One engine process's share of a run. */
export class Attempt {
  readonly #place: Place;
  readonly #recipe: Recipe;
  readonly #onUpdate: OnUpdate;
  readonly #stop: StopRequest;
  readonly #ledger: RunLedger | null;
  #status: RunStatus;
  #rows: Rows | null = null;
  #job: RunningJob | null = null;
  #log: RunLog | null = null;
  #broken: unknown = null;
  #endedAt: number | null = null;
  #dirty = false;
  #recorded = -Infinity;
  #writing: Promise<void> | null = null;

  constructor(place: Place, recipe: Recipe, status: RunStatus, onUpdate: OnUpdate, stop: StopRequest, ledger: RunLedger | null) {
    this.#ledger = ledger;
    this.#place = place;
    this.#recipe = recipe;
    this.#status = status;
    this.#onUpdate = onUpdate;
    this.#stop = stop;
  }

  async run(
    checkpoint: { readonly path: string; readonly step: number } | null,
    rows: Rows | null,
    notices: readonly RunNotice[],
  ): Promise<RunStatus> {
    const { dir, device } = this.#place;
    this.#rows = rows;
    this.#log = await RunLog.open(dir, {
      onFailure: (error) => this.#break(error),
      onFull: ({ message }) =>
        this.#tell({ kind: 'log', level: 'warning', message: `${message} The run goes on; its log is kept, and written when there is room.` }),
      onRoom: () =>
        this.#tell({
          kind: 'log',
          level: 'info',
          message: 'There is room on the disk again: the log of the run is written, with all that was kept.',
        }),
    });
    const heart = setInterval(() => void touchRecord(dir).catch((error: unknown) => this.#break(error)), HEARTBEAT);
    this.#stop.onRequest = () => this.#onStop();
    try {
      const { threads } = this.#place;
      this.#ledger?.begin({ dir, recipe: this.#recipe, device, threads, status: this.#status }, checkpoint?.step ?? null, {
        onStop: () => this.#stop.ask(),
        onNews: (message) => this.#tell({ kind: 'log', level: 'warning', message }),
      });
      this.#turn({ kind: 'started' });
      if (this.#stop.signal.aborted) this.#turn({ kind: 'stop-requested' });
      await this.#record();
      this.#tell({ kind: 'run', out: dir, device, resumedFrom: checkpoint?.step ?? null });
      for (const notice of notices) this.#tell({ kind: 'log', ...notice });
      await this.#work(checkpoint?.path ?? null);
      await this.#record();
    } finally {
      clearInterval(heart);
      await this.#log.close();
      await this.#ledger?.end(this.#status);
    }
    if (this.#broken !== null) throw this.#broken;
    return this.#status;
  }

  async #work(resumeFrom: string | null): Promise<void> {
    try {
      const rows = await this.#import();
      const evaluation = await this.#importEvaluation();
      const { dir, device, threads, data } = this.#place;
      this.#job = startJob(
        { kind: 'train', device, threads, cacheDir: data.cache, recipe: this.#recipe, rows, evaluation, outDir: dir, resumeFrom },
        (event) => this.#onEvent(event),
      );
      const ended = this.#job.ended.finally(() => {
        this.#endedAt = performance.now();
      });
      // It may end while the record is still being written.
      ended.catch(() => undefined);
      if (this.#stop.signal.aborted) this.#job.stop();
      this.#ledger?.status(this.#status, this.#job.pid ?? null);
      await this.#record();
      await ended;
    } catch (error) {
      this.#end(error);
    }
  }

  async #import(): Promise<Rows> {
    const earlier = this.#rows;
    const state = earlier && (await stateOfRows(earlier, this.#stop.signal));
    if (earlier && state === 'same') return earlier;
    if (earlier && state === 'changed')
      this.#tell({
        kind: 'log',
        level: 'warning',
        message: `The imported rows ${earlier.file} were changed after their import; they are made again from ${this.#recipe.dataset.file}.`,
      });
    const onProgress = (done: number, total: number) => this.#tell({ kind: 'progress', phase: 'importing', done, total });
    const dataset = await importForRecipe(this.#recipe, this.#place.data, { signal: this.#stop.signal, onProgress });
    if (earlier && earlier.contentHash !== dataset.contentHash) throw datasetChanged(this.#recipe.dataset.file);
    this.#tell({ kind: 'imported', ...dataset });
    this.#rows = { file: dataset.file, contentHash: dataset.contentHash };
    return this.#rows;
  }

  /** Rows of an evaluation file, read as the dataset is; whether it is the one of before, its hash in the checkpoint tells. */
  async #importEvaluation(): Promise<Rows | undefined> {
    const { eval_dataset: file, eval_strategy: strategy, dataset } = this.#recipe;
    if (file === null || strategy === 'no') return undefined;
    const onProgress = (done: number, total: number) => this.#tell({ kind: 'progress', phase: 'importing', done, total });
    const imported = await importForRecipe({ ...this.#recipe, dataset: { ...dataset, file } }, this.#place.data, {
      signal: this.#stop.signal,
      onProgress,
    });
    return { file: imported.file, contentHash: imported.contentHash };
  }

  #onEvent(event: EngineEvent): void {
    for (const update of updatesOf(event)) {
      const turn = runEventOf(update);
      if (turn) this.#turn(turn);
      this.#tell(update);
      if (update.kind === 'started' && update.firstStep <= 1) this.#advise(update.totalSteps);
    }
  }

  /** What can only be said once it is known how many steps there are. */
  #advise(steps: number): void {
    const said = new Set(adviceLines(this.#recipe, NOT_KNOWN));
    for (const message of adviceLines(this.#recipe, { ...NOT_KNOWN, steps }))
      if (!said.has(message)) this.#tell({ kind: 'log', level: 'warning', message });
  }

  #onStop(): void {
    this.#turn({ kind: 'stop-requested' });
    this.#job?.stop();
  }

  /** Ends what ended without a last word of the engine, or before there was one. */
  #end(error: unknown): void {
    if (this.#stop.signal.aborted && this.#job === null) {
      this.#turn({ kind: 'stopped' });
      this.#tell({ kind: 'stopped', step: 0, checkpoint: null });
    } else if (error instanceof AppError && error.code === 'ENGINE-LOST') {
      this.#turn({ kind: 'engine-lost' });
      this.#tell({ kind: 'interrupted', message: error.message, remedy: error.remedy });
    } else {
      const fields = fieldsOf(error);
      this.#turn({ kind: 'failed', error: fields });
      this.#tell({ kind: 'failed', error: fields });
    }
  }

  #turn(event: RunEvent): void {
    const next = transition(this.#status, event);
    // An event that comes late, such as a step after the request to stop, changes nothing.
    if (next === null) return;
    this.#status = next;
    if (event.kind !== 'stepped') this.#ledger?.status(next, this.#job?.pid ?? null);
    if (event.kind === 'started') return;
    // Steps may come by the hundred each second; the next write has the newest.
    if (event.kind === 'stepped' && performance.now() - this.#recorded < STEP_INTERVAL) return;
    void this.#record().catch((error: unknown) => this.#break(error));
  }

  #tell(update: RunUpdate): void {
    this.#log?.append(update);
    this.#ledger?.update(update);
    this.#onUpdate(update);
  }

  /** Writes status.json; while one write is under way, the next has everything that came meanwhile. */
  async #record(): Promise<void> {
    this.#dirty = true;
    this.#writing ??= this.#writeWhileDirty().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeWhileDirty(): Promise<void> {
    while (this.#dirty) {
      this.#dirty = false;
      this.#recorded = performance.now();
      const { dir, device, threads } = this.#place;
      await this.#whenRoom(() =>
        writeRecord(dir, { status: this.#status, device, threads, rows: this.#rows, hostPid: process.pid, enginePid: this.#job?.pid ?? null }),
      );
    }
  }

  /** While a job is at work a full disk is waited for: the next write has the newest, and what cannot wait, a checkpoint, fails by itself. */
  async #whenRoom(write: () => Promise<void>): Promise<void> {
    const began = performance.now();
    for (;;) {
      try {
        return await write();
      } catch (error) {
        // Null while a job is at work.
        const since = this.#job === null ? began : this.#endedAt;
        if (!(error instanceof AppError) || error.code !== 'DISK-FULL' || (since !== null && performance.now() > since + ROOM_PATIENCE)) throw error;
      }
      await delay(ROOM_RETRY);
    }
  }

  /** The folder cannot be written: going on would lose what it computes. */
  #break(error: unknown): void {
    if (this.#broken !== null) return;
    this.#broken = error;
    this.#job?.stop();
  }
}

function runEventOf(update: RunUpdate): RunEvent | null {
  switch (update.kind) {
    case 'started':
      return { kind: 'prepared', step: update.firstStep, totalSteps: update.totalSteps };
    case 'step':
      return { kind: 'stepped', step: update.step };
    case 'checkpoint':
      return { kind: 'saved', step: update.step };
    case 'finished':
      return { kind: 'finished' };
    case 'stopped':
      return { kind: 'stopped' };
    case 'failed':
      return { kind: 'failed', error: update.error };
    default:
      return null;
  }
}

function fieldsOf(error: unknown): AppErrorFields {
  if (error instanceof AppError) return error.toFields();
  const stack = error instanceof Error ? error.stack : String(error);
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error), data: { stack }, remedy: 'Please report this.' };
}

function datasetChanged(file: string): AppError {
  return new AppError({
    code: 'RESUME-DATA',
    message: `${file} is not the dataset any more that this run was started with.`,
    data: { file },
    remedy: 'Put the earlier file back, or start a new run.',
  });
}

/** Whether imported rows are still those of the import. Where they are not a file, they are gone. */
async function stateOfRows({ file, contentHash }: Rows, signal: AbortSignal): Promise<'same' | 'changed' | 'gone'> {
  const info = await stat(file).catch(() => null);
  if (info === null || !info.isFile()) return 'gone';
  return (await runTask('hash', { file }, { about: file, signal })) === contentHash ? 'same' : 'changed';
}
