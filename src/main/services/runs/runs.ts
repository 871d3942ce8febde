/**
 * @file Training runs: start, stop, resume. A run is its folder; whoever dies, the folder tells where it stood, and
 * resuming goes on from its newest checkpoint.
 */
import type { DataFolder } from '../../../shared/domain/data-folder.ts';
import { adviceLines } from '../../../shared/domain/recipe/advice.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import type { RunStatus } from '../../../shared/domain/run.ts';
import { sweepTemporaries } from '../../files/folders.ts';
import { chooseDevice, type RequestedDevice } from '../machine/devices.ts';
import { Attempt, NOT_KNOWN, type OnUpdate, type Place, type Rows } from './run-attempt.ts';
import { type RunNotice, soundCheckpoint } from './run-checkpoints.ts';
import { claimRun, claimRunFolder, writeRecipe, type RunFolder } from './run-folder.ts';
import { type RunHandle, type StopRequest, withStop } from './run-handle.ts';
import type { RunLedger } from './run-ledger.ts';
import type { RunClaim } from './run-owner.ts';

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

/**
 * Starts a run in a folder of its own.
 * @param ledger the registry's side of the run; null leaves no trace but the folder
 * @param held the claim of a folder made ready before; who gives it also ends it
 */
export function startRun(
  request: RunRequest,
  data: DataFolder,
  onUpdate: OnUpdate,
  ledger: RunLedger | null = null,
  held: RunClaim | null = null,
): RunHandle {
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
 * @param ledgerOf the registry's side of the run in that folder
 */
export function resumeRun(
  path: string,
  device: RequestedDevice | null,
  data: DataFolder,
  onUpdate: OnUpdate,
  ledgerOf: (run: RunFolder) => RunLedger | null = () => null,
): RunHandle {
  return withStop(async (stop) => {
    const { run, claim } = await claimRun(path);
    if (claim === null || run.record.status.kind === 'completed') {
      claim?.release();
      return finished(run, ledgerOf(run), onUpdate);
    }
    try {
      return await goOn(run, device, data, onUpdate, stop, ledgerOf(run));
    } finally {
      claim.release();
    }
  });
}

/** Nothing is to be done but to list it where the registry has lost it: remedies say that resuming does that. */
async function finished(
  { record: { status, device, threads }, recipe, dir, outcome }: RunFolder,
  ledger: RunLedger | null,
  onUpdate: OnUpdate,
): Promise<RunStatus> {
  const listed = await ledger?.list({ dir, recipe, device, threads, status });
  const steps = status.kind === 'completed' ? status.steps : 0;
  onUpdate({
    kind: 'log',
    level: 'info',
    message: `This run has finished: ${steps} steps are done, its ${outcome.kind} is in ${outcome.folder}.${listed ? ' It is listed again; its curve is in events.jsonl of its folder.' : ''}`,
  });
  return status;
}

/** The same for a run that is claimed already; who has the claim also ends it. */
export function resumeClaimed(run: RunFolder, data: DataFolder, onUpdate: OnUpdate, ledger: RunLedger): RunHandle {
  return withStop((stop) => goOn(run, null, data, onUpdate, stop, ledger));
}

async function goOn(
  run: RunFolder,
  device: RequestedDevice | null,
  data: DataFolder,
  onUpdate: OnUpdate,
  stop: StopRequest,
  ledger: RunLedger | null,
): Promise<RunStatus> {
  const { record, recipe, dir } = run;
  await sweepTemporaries(dir);
  const { checkpoint, notices: found } = await soundCheckpoint(run);
  const chosen = await chooseDevice(device ?? record.device, data);
  const notices = [...found, ...asNotices([standing(run, checkpoint?.step ?? null), ...(chosen.reason === null ? [] : [chosen.reason])])];
  const place: Place = { dir, device: chosen.device, threads: record.threads, data };
  return new Attempt(place, recipe, statusToResume(record.status, checkpoint?.step ?? null), onUpdate, stop, ledger).run(
    checkpoint,
    record.rows,
    notices,
  );
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
