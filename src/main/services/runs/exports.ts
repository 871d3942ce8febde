import { resolve } from 'node:path';
import type { RunFolder } from './run-folder.ts';
import type { Outcome } from '../../../shared/domain/outcome.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { startJob } from '../../engine-host/engine-host.ts';
import { isInside, realPathOf } from '../../files/folders.ts';
import { listCheckpoints, openRunFolder } from './run-folder.ts';

export interface ExportRequest {
  readonly runDir: string;
  /** Step of a checkpoint; null takes the final weights, or the newest checkpoint of a run that has not finished. */
  readonly checkpoint: number | null;
  readonly outDir: string;
}

export interface Exported {
  readonly outDir: string;
  /** What was written, and the folder that it comes from. */
  readonly source: Outcome;
}

/** Writes what a run yields as a folder that PEFT or transformers loads, checked. @throws AppError RUN-FOLDER, EXPORT-NONE, EXPORT-PLACE, and those of adapters and models */
export async function exportOutcome(request: ExportRequest): Promise<Exported> {
  const run = await openRunFolder(request.runDir);
  const source = await sourceOf(run, request.checkpoint);
  const outDir = resolve(request.outDir);
  await refuseInsideRun(run.dir, outDir);
  const last = await startJob({ kind: 'export', model: run.recipe.model, source, outDir }, () => undefined).ended;
  if (last.kind === 'failed') throw new AppError(last.error);
  return { outDir, source };
}

/** An export must not mix with what a run resumes from, not even by way of a link. */
async function refuseInsideRun(runDir: string, outDir: string): Promise<void> {
  const [run, out] = await Promise.all([realPathOf(runDir), realPathOf(outDir)]);
  if (run !== out && !isInside(run, out)) return;
  throw new AppError({ code: 'EXPORT-PLACE', message: `${outDir} is inside the run ${runDir}.`, remedy: 'Choose a folder outside of the run.' });
}

async function sourceOf(run: RunFolder, step: number | null): Promise<Outcome> {
  const checkpoints = await listCheckpoints(run.dir);
  if (step === null && run.record.status.kind === 'completed') return run.outcome;
  const chosen = step === null ? checkpoints.at(-1) : checkpoints.find((each) => each.step === step);
  if (chosen) return { kind: run.outcome.kind, folder: chosen.path };
  const there = checkpoints.map((each) => each.step).join(', ');
  throw new AppError({
    code: 'EXPORT-NONE',
    message: `${run.dir} holds ${step === null ? 'no checkpoint yet' : `no checkpoint of step ${step}`}.`,
    data: { steps: checkpoints.map((each) => each.step) },
    remedy: there === '' ? 'Resume the run until it has saved one.' : `Choose one of the steps ${there}.`,
  });
}
