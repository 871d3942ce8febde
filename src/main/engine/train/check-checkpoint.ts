/** @file Whether a checkpoint is as it was written, and which one a run can go on from. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type OutcomeKind, outcomeKindOf } from '../../../shared/domain/outcome.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { errnoOf } from '../../../shared/lib/write-error.ts';
import { sealOfFile } from '../../files/seal.ts';
import { OPTIMIZER_FILE, STATE_FILE } from '../adapters/checkpoint-seal.ts';
import { ADAPTER_CONFIG_FILE, ADAPTER_WEIGHTS_FILE } from '../adapters/peft-adapter.ts';
import type { CheckpointSurvey, CheckpointsJob, EngineEvent } from '../protocol.ts';
import { readJsonFile } from '../weights/json-file.ts';
import { openSafetensors, readTensorF32 } from '../weights/safetensors.ts';
import { type FoundCheckpoint, listCheckpoints, readTrainerState, recoverCheckpoints } from './checkpoint.ts';
import { optimizerOf } from './optim/optimizers.ts';
import { stateProblem } from './state-problem.ts';
import type { TrainerState } from './trainer-state.ts';

/** A model's weights may be shards: the seal names them. */
const NEEDED: Readonly<Record<OutcomeKind, readonly string[]>> = {
  adapter: [ADAPTER_CONFIG_FILE, ADAPTER_WEIGHTS_FILE, OPTIMIZER_FILE],
  model: ['config.json', OPTIMIZER_FILE],
};

type Verdict = CheckpointSurvey['checkpoints'][number];

/** Looks at the checkpoints of a run, newest first, until one is good; says what else lies there under such a name. */
export async function runCheckpoints(job: CheckpointsJob, emit: (event: EngineEvent) => void): Promise<void> {
  await recoverCheckpoints(job.outDir);
  const checkpoints: Verdict[] = [];
  for (const found of [...(await listCheckpoints(job.outDir))].reverse()) {
    const verdict = await checkCheckpoint(found, job.recipe);
    checkpoints.push(verdict);
    if (verdict.kind !== 'bad') break;
  }
  const ours = new Set((await listCheckpoints(job.outDir)).map(({ path }) => path));
  const strays = (await readdir(job.outDir)).filter((name) => /^\.?checkpoint/i.test(name) && !ours.has(join(job.outDir, name))).sort();
  emit({ kind: 'checkpoints', survey: { checkpoints, strays } });
}

/** What is wrong with a checkpoint, if anything; each file is read to its end. */
export async function checkCheckpoint({ path, step }: FoundCheckpoint, recipe: Recipe): Promise<Verdict> {
  try {
    if ((await readdir(path)).length === 0) return { kind: 'bad', path, step, problem: 'the folder is empty' };
    const state = await readTrainerState(path);
    const problem = stateProblem(state, step, recipe.gradient_accumulation_steps, recipe.logging_steps) ?? (await filesProblem(path, state, recipe));
    if (problem !== null) return { kind: 'bad', path, step, problem };
    return { kind: state.seal === null ? 'unsealed' : 'sealed', path, step };
  } catch (error) {
    const problem = wordsOf(error, path);
    if (problem === null) throw error;
    return { kind: 'bad', path, step, problem };
  }
}

/** @throws AppError CHECKPOINT-DAMAGED */
export async function refuseDamaged(path: string, recipe: Recipe): Promise<void> {
  const { global_step: step } = await readTrainerState(path);
  const verdict = await checkCheckpoint({ path, step }, recipe);
  if (verdict.kind !== 'bad') return;
  throw new AppError({
    code: 'CHECKPOINT-DAMAGED',
    message: `${path}: ${verdict.problem}.`,
    data: { path },
    remedy: 'Resume the run: it goes on from the newest checkpoint that is whole.',
  });
}

async function filesProblem(path: string, { files }: TrainerState, recipe: Recipe): Promise<string | null> {
  for (const name of new Set([...NEEDED[outcomeKindOf(recipe)], ...Object.keys(files ?? {})])) {
    const info = await lstat(join(path, name)).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    });
    if (info === null) return `${name} is missing`;
    if (!info.isFile()) return `${name} is not a file`;
    const written = files?.[name];
    if (files !== null && written === undefined) return `${name} is not among the files that ${STATE_FILE} names`;
    if (written === undefined) continue;
    if (info.size !== written.bytes) return `${name} has ${info.size} bytes, and ${written.bytes} were written`;
    if ((await sealOfFile(join(path, name))).sha256 !== written.sha256)
      return `${name} was changed after it was written (its bytes do not fit the seal)`;
  }
  return files === null ? unsealedProblem(path, recipe) : null;
}

/** Without a seal a file can only be held against what it must be. */
async function unsealedProblem(path: string, recipe: Recipe): Promise<string | null> {
  // Models were never saved without a seal.
  if (outcomeKindOf(recipe) === 'model') return `${STATE_FILE} has no seal`;
  const squares = new Set(optimizerOf(recipe).slots.flatMap(({ name, nonNegative }) => (nonNegative ? [name] : [])));
  await readJsonFile(join(path, ADAPTER_CONFIG_FILE));
  await openSafetensors(join(path, ADAPTER_WEIGHTS_FILE));
  const { tensors } = await openSafetensors(join(path, OPTIMIZER_FILE));
  for (const [name, info] of tensors) {
    const values = await readTensorF32(info);
    if (!values.every(Number.isFinite)) return `${OPTIMIZER_FILE}, ${name}: it holds NaN or infinity`;
    // Squares add up to no less than nothing.
    if (squares.has(name) && values.some((value) => value < 0)) return `${OPTIMIZER_FILE}, ${name}: it holds a negative value`;
  }
  return null;
}

/** The words of an error about a file of the checkpoint, without the folder and without a remedy meant for models; null for a bug. */
function wordsOf(error: unknown, path: string): string | null {
  if (!(error instanceof AppError) && errnoOf(error) === undefined) return null;
  return (error as Error).message.replaceAll(join(path, '/'), '').replace(/\.$/, '');
}
