/**
 * @file Training runs: start, stop, resume. A run is its folder; whoever dies, the folder tells where it stood, and
 * resuming goes on from its newest checkpoint.
 */
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataFolder } from '../../shared/domain/data-folder.ts';
import type { Recipe } from '../../shared/domain/recipe.ts';
import { adviceLines, type AdviceFacts } from '../../shared/domain/recipe-advice.ts';
import { type RunEvent, type RunStatus, transition } from '../../shared/domain/run.ts';
import { AppError, type AppErrorFields } from '../../shared/lib/app-error.ts';
import { startJob, type DeviceChoice, type EngineEvent, type RunningJob } from '../engine-host/engine-host.ts';
import { sweepTemporaries } from '../files/folders.ts';
import { runTask } from '../worker-host/workers.ts';
import { importForRecipe } from './datasets.ts';
import { chooseDevice, type RequestedDevice } from './devices.ts';
import { type RunNotice, soundCheckpoint } from './run-checkpoints.ts';
import { claimRun, claimRunFolder, HEARTBEAT, touchRecord, writeRecipe, writeRecord, type RunFolder, type RunRecord } from './run-folder.ts';
import type { RunLedger } from './run-ledger.ts';
import { RunLog } from './run-log.ts';
import type { RunClaim } from './run-owner.ts';
import { updatesOf, type RunUpdate } from './run-update.ts';

export interface RunRequest {
  readonly recipe: Recipe;
  /** What reading the recipe had to say. */
  readonly notices: readonly string[];
  readonly outDir: string;
  readonly device: RequestedDevice;
  readonly threads: number | null;
  /** Canonical rows that lie ready; without them the recipe's file is imported. */
  readonly rows?: Rows | null;
}

export interface RunHandle {
  /** Saves and ends; asked again, ends at once. */
  stop(): void;
  /** It has been asked to. */
  readonly stopping: boolean;
  /** How it ended. Rejects with an AppError where no run came to be, or its folder cannot be written any more. */
  readonly ended: Promise<RunStatus>;
}

const NOT_KNOWN: AdviceFacts = { steps: null, rows: null, positions: null, longest: null };

type OnUpdate = (update: RunUpdate) => void;
/** Milliseconds between two writes of status.json for steps alone. */
const STEP_INTERVAL = 1000;
/** Milliseconds between two tries to write status.json on a full disk, and for how long the end of a run waits for room. */
const ROOM_RETRY = 500;
const ROOM_PATIENCE = 10_000;

type Rows = NonNullable<RunRecord['rows']>;

/**
 * Starts a run in a folder of its own.
 * @param ledger the registry's side of the run; null leaves no trace but the folder
 * @param held the claim of a folder made ready before; who gives it also ends it
 */
export function startRun(request: RunRequest, data: DataFolder, onUpdate: OnUpdate, ledger: RunLedger | null = null, held: RunClaim | null = null): RunHandle {
  return withStop(async (stop) => {
    const claim = held ?? (await claimRunFolder(request.outDir));
    try {
      const { dir } = claim;
      const { device, reason } = await chooseDevice(request.device, data);
      await writeRecipe(dir, request.recipe);
      const notices = asNotices([...request.notices, ...adviceLines(request.recipe, NOT_KNOWN), ...(reason === null ? [] : [reason])]);
      const place: Place = { dir, device, threads: request.threads, data };
      return await new Attempt(place, request.recipe, { kind: 'queued' }, onUpdate, stop, ledger).run(null, request.rows ?? null, notices);
    } finally {
      if (held === null) claim.release();
    }
  });
}

/**
 * Goes on with a run that was stopped, failed or cut off; one that has finished is left as it is.
 * @param ledgerOf the registry's side of the run in that folder; asked only when there is something to go on with
 */
export function resumeRun(path: string, device: RequestedDevice | null, data: DataFolder, onUpdate: OnUpdate, ledgerOf: (run: RunFolder) => RunLedger | null = () => null): RunHandle {
  return withStop(async (stop) => {
    const { run, claim } = await claimRun(path);
    if (claim === null || run.record.status.kind === 'completed') {
      claim?.release();
      const { status } = run.record;
      onUpdate({ kind: 'log', level: 'info', message: `This run has finished: ${status.kind === 'completed' ? status.steps : 0} steps are done, its adapter is in ${run.adapterDir}.` });
      return status;
    }
    try {
      return await goOn(run, device, data, onUpdate, stop, ledgerOf(run));
    } finally {
      claim.release();
    }
  });
}

/** The same for a run that is claimed already; who has the claim also ends it. */
export function resumeClaimed(run: RunFolder, data: DataFolder, onUpdate: OnUpdate, ledger: RunLedger): RunHandle {
  return withStop((stop) => goOn(run, null, data, onUpdate, stop, ledger));
}

async function goOn(run: RunFolder, device: RequestedDevice | null, data: DataFolder, onUpdate: OnUpdate, stop: StopRequest, ledger: RunLedger | null): Promise<RunStatus> {
  const { record, recipe, dir } = run;
  await sweepTemporaries(dir);
  const { checkpoint, notices: found } = await soundCheckpoint(run);
  const chosen = await chooseDevice(device ?? record.device, data);
  const notices = [...found, ...asNotices([standing(run, checkpoint?.step ?? null), ...(chosen.reason === null ? [] : [chosen.reason])])];
  const place: Place = { dir, device: chosen.device, threads: record.threads, data };
  return new Attempt(place, recipe, statusToResume(record.status, checkpoint?.step ?? null), onUpdate, stop, ledger).run(checkpoint, record.rows, notices);
}

function asNotices(messages: readonly string[]): readonly RunNotice[] {
  return messages.map((message) => ({ level: 'info', message }));
}

function standing({ record, cutOffAt }: RunFolder, checkpoint: number | null): string {
  const from = checkpoint === null ? 'nothing had been saved, so it starts again' : `it goes on from the checkpoint of step ${checkpoint}`;
  if (cutOffAt !== null) return `The run was interrupted ${cutOffAt === 0 ? 'before its first step was noted' : `at step ${cutOffAt}`}; ${from}.`;
  return `The run was ${record.status.kind}; ${from}.`;
}

/** The checkpoint on disk is the truth, whatever the status had time to say. */
function statusToResume(status: RunStatus, step: number | null): RunStatus {
  return 'resumeFrom' in status ? { ...status, resumeFrom: step } : status;
}

interface Place {
  readonly dir: string;
  readonly device: DeviceChoice;
  readonly threads: number | null;
  readonly data: DataFolder;
}

/** One engine process's share of a run. */
class Attempt {
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

  async run(checkpoint: { readonly path: string; readonly step: number } | null, rows: Rows | null, notices: readonly RunNotice[]): Promise<RunStatus> {
    const { dir, device } = this.#place;
    this.#rows = rows;
    this.#log = await RunLog.open(dir, {
      onFailure: (error) => this.#break(error),
      onFull: ({ message }) => this.#tell({ kind: 'log', level: 'warning', message: `${message} The run goes on; its log is kept, and written when there is room.` }),
      onRoom: () => this.#tell({ kind: 'log', level: 'info', message: 'There is room on the disk again: the log of the run is written, with all that was kept.' }),
    });
    const heart = setInterval(() => void touchRecord(dir).catch((error: unknown) => this.#break(error)), HEARTBEAT);
    this.#stop.onRequest = () => this.#onStop();
    try {
      const { threads } = this.#place;
      this.#ledger?.begin({ dir, recipe: this.#recipe, device, threads, status: this.#status }, checkpoint?.step ?? null, { onStop: () => this.#stop.ask(), onNews: (message) => this.#tell({ kind: 'log', level: 'warning', message }) });
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
      const { dir, device, threads, data } = this.#place;
      this.#job = startJob({ kind: 'train', device, threads, cacheDir: data.cache, recipe: this.#recipe, rows, outDir: dir, resumeFrom }, (event) => this.#onEvent(event));
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
    if (earlier && state === 'changed') this.#tell({ kind: 'log', level: 'warning', message: `The imported rows ${earlier.file} were changed after their import; they are made again from ${this.#recipe.dataset.file}.` });
    const onProgress = (done: number, total: number) => this.#tell({ kind: 'progress', phase: 'importing', done, total });
    const dataset = await importForRecipe(this.#recipe, this.#place.data, { signal: this.#stop.signal, onProgress });
    if (earlier && earlier.contentHash !== dataset.contentHash) throw datasetChanged(this.#recipe.dataset.file);
    this.#tell({ kind: 'imported', ...dataset });
    this.#rows = { file: dataset.file, contentHash: dataset.contentHash };
    return this.#rows;
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
    for (const message of adviceLines(this.#recipe, { ...NOT_KNOWN, steps })) if (!said.has(message)) this.#tell({ kind: 'log', level: 'warning', message });
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
      await this.#whenRoom(() => writeRecord(dir, { status: this.#status, device, threads, rows: this.#rows, hostPid: process.pid, enginePid: this.#job?.pid ?? null }));
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
    case 'started': return { kind: 'prepared', step: update.firstStep, totalSteps: update.totalSteps };
    case 'step': return { kind: 'stepped', step: update.step };
    case 'checkpoint': return { kind: 'saved', step: update.step };
    case 'finished': return { kind: 'finished' };
    case 'stopped': return { kind: 'stopped' };
    case 'failed': return { kind: 'failed', error: update.error };
    default: return null;
  }
}

interface StopRequest {
  readonly signal: AbortSignal;
  /** Asks for the stop, as the handle's `stop` does. */
  ask(): void;
  /** Called at each request, once there is something to stop. */
  onRequest: () => void;
}

function withStop(work: (stop: StopRequest) => Promise<RunStatus>): RunHandle {
  const controller = new AbortController();
  const stop: StopRequest = {
    signal: controller.signal,
    ask() {
      controller.abort();
      stop.onRequest();
    },
    onRequest: () => undefined,
  };
  const handle: RunHandle = {
    stop: () => stop.ask(),
    get stopping() {
      return controller.signal.aborted;
    },
    ended: work(stop),
  };
  UNDER_WAY.add(handle);
  handle.ended.catch(() => undefined).finally(() => UNDER_WAY.delete(handle));
  return handle;
}

/** Every run of this process, whoever started it. */
const UNDER_WAY = new Set<RunHandle>();

/** For a host that has to end: asks all runs of this process to save and end, and waits for them. */
export async function saveAllRuns(): Promise<void> {
  const handles = [...UNDER_WAY];
  // One that is saving already must not be asked a second time: that would end it at once.
  for (const handle of handles) if (!handle.stopping) handle.stop();
  await Promise.allSettled(handles.map(({ ended }) => ended));
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
