/** @file The checkpoints of a run on disk: written whole, found, pruned, read back bit for bit. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { outcomeKindSchema } from '../../../shared/domain/outcome.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { errnoOf, writeError } from '../../../shared/lib/write-error.ts';
import { OPTIMIZER_FILE, STATE_FILE } from '../adapters/checkpoint-seal.ts';
import { type FileSystem, NODE_FILES } from '../../files/file-system.ts';
import type { FileSeal } from '../../files/seal.ts';
import { makeFolder, makeNewFolder, move, remove, sweepTemporaries } from '../../files/folders.ts';
import { syncFolder, writeFileSynced } from '../../files/write-file.ts';
import { readJsonFile } from '../weights/json-file.ts';
import { f32Tensor, openSafetensors, readTensorF32, writeSafetensors } from '../weights/safetensors.ts';
import type { FlatLayout } from './flat-layout.ts';
import { slotsOf, type Optimizer } from './optim/optimizer.ts';
import { STATE } from './programs.ts';
import { layoutHash, parseTrainerState, sealed, type TrainerState } from './trainer-state.ts';

const FINISHED = /^checkpoint-(\d{1,15})$/;
/** Folders on their way in (`new`), replaced (`old`) or on their way out (`gone`); none outlives a start. */
const TEMPORARY = /^\.checkpoint-(\d{1,15})\.(new|old|gone)$/;

/** The flat arrays of a run. */
export interface FlatState {
  /** [layout.size] */
  readonly trainable: Float32Array;
  /** The optimizer's, by name. */
  readonly slots: Readonly<Record<string, Float32Array>>;
}

export interface Checkpoint {
  readonly flat: FlatState;
  readonly trainer: TrainerState;
}

export interface CheckpointToWrite {
  readonly layout: FlatLayout;
  readonly flat: FlatState;
  /** Writes the same weights as `flat.trainable` as what the run yields, so that a checkpoint can be used as it stands. */
  readonly writeOutcome: (
    folder: string,
    options: { readonly fs: FileSystem; readonly atomic: false },
  ) => Promise<Readonly<Record<string, FileSeal>>>;
  readonly trainer: Omit<TrainerState, 'version' | 'layout_hash' | 'files' | 'seal'>;
  /** Checkpoints kept, this one included; null keeps all. */
  readonly saveTotalLimit: number | null;
  /** Step of the best checkpoint so far, which is never pruned. */
  readonly best: number | null;
}

/**
 * Writes `runFolder/checkpoint-STEP`: built in a hidden folder, fsynced, renamed, then old ones are pruned. A crash at
 * any point leaves the earlier checkpoints valid; `recoverCheckpoints` tidies up at the next start.
 * @returns path of the new checkpoint
 * @throws AppError DISK-FULL, FILE-DENIED, FILE-WRITE; nothing saved before is lost
 */
export async function writeCheckpoint(runFolder: string, checkpoint: CheckpointToWrite, fs: FileSystem = NODE_FILES): Promise<string> {
  const step = checkpoint.trainer.global_step;
  const final = join(runFolder, `checkpoint-${step}`);
  const temporary = join(runFolder, `.checkpoint-${step}.new`);
  try {
    await remove(temporary);
    await makeFolder(runFolder);
    await makeNewFolder(temporary, fs);
    await writeContents(temporary, checkpoint, fs);
    await syncFolder(temporary);
    await moveIntoPlace(temporary, final, join(runFolder, `.checkpoint-${step}.old`), fs);
    await syncFolder(runFolder);
  } catch (error) {
    // A full disk is the likeliest cause: give the space back. A failure here must not hide the first error.
    await remove(temporary).catch(() => undefined);
    throw writeError(final, error);
  }
  if (checkpoint.saveTotalLimit !== null) {
    await pruneCheckpoints(runFolder, checkpoint.saveTotalLimit, step, checkpoint.best).catch((error: unknown) => {
      throw writeError(runFolder, error);
    });
  }
  return final;
}

/** @throws AppError CHECKPOINT-STATE, and those of the file */
export async function readTrainerState(folder: string): Promise<TrainerState> {
  const stateFile = join(folder, STATE_FILE);
  return parseTrainerState(await readJsonFile(stateFile), stateFile);
}

/**
 * Reads a checkpoint back, bit for bit. Whether its files are as they were written is for `checkCheckpoint` to say.
 * @throws AppError CHECKPOINT-STATE, CHECKPOINT-LAYOUT when it belongs to another recipe, and those of the files
 */
export async function readCheckpoint(folder: string, layout: FlatLayout, optimizer: Pick<Optimizer, 'slots'>): Promise<Checkpoint> {
  const trainer = await readTrainerState(folder);
  const { tensors } = await openSafetensors(join(folder, OPTIMIZER_FILE));
  const read = async (name: string, size: number): Promise<Float32Array> => {
    const info = tensors.get(name);
    if (info === undefined || info.dtype !== 'F32' || info.shape.length !== 1 || info.shape[0] !== size) {
      throw layoutError(folder, `${OPTIMIZER_FILE} holds no ${name} of ${size} float32 values`);
    }
    return readTensorF32(info);
  };
  if (trainer.layout_hash !== layoutHash(layout)) throw layoutError(folder, 'its trainable weights are not those of this recipe');
  const arrays: Record<string, Float32Array> = {};
  for (const { name, size } of slotsOf(optimizer, layout)) arrays[name] = await read(name, size);
  return { trainer, flat: { trainable: await read(STATE.trainable, layout.size), slots: arrays } };
}

/** A finished checkpoint and its step. */
export interface FoundCheckpoint {
  readonly path: string;
  readonly step: number;
}

/** The finished checkpoints of a run, oldest first; empty when there is no such folder. */
export async function listCheckpoints(runFolder: string): Promise<readonly FoundCheckpoint[]> {
  const names = await readdir(runFolder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => {
      const step = FINISHED.exec(name)?.[1];
      return step === undefined ? [] : [{ path: join(runFolder, name), step: Number(step) }];
    })
    .sort((x, y) => x.step - y.step);
}

/** The newest finished checkpoint, or null. A folder gets its final name only when complete; what became of it since is not looked at. */
export async function latestCheckpoint(runFolder: string): Promise<FoundCheckpoint | null> {
  return (await listCheckpoints(runFolder)).at(-1) ?? null;
}

/**
 * Clears what a crash left behind: unfinished folders go; a replaced checkpoint whose successor never arrived returns.
 * Call once before a run starts or resumes.
 */
export async function recoverCheckpoints(runFolder: string): Promise<void> {
  const names = await readdir(runFolder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const [, step, kind] = TEMPORARY.exec(name) ?? [];
    if (step === undefined) continue;
    const final = join(runFolder, `checkpoint-${step}`);
    if (kind === 'old' && !(await exists(final))) await move(join(runFolder, name), final);
    else await remove(join(runFolder, name));
  }
  for (const kind of outcomeKindSchema.options) await sweepTemporaries(join(runFolder, kind));
}

/**
 * Removes checkpoints until `keep` remain; never those of the steps `newest` and `best`, as transformers does. Those beyond it go first, for the run has gone on from before
 * them; then the oldest. A folder without a state is none of ours, counts for nothing and stays.
 */
async function pruneCheckpoints(runFolder: string, keep: number, newest: number, best: number | null): Promise<void> {
  const found: FoundCheckpoint[] = [];
  for (const each of await listCheckpoints(runFolder)) if (each.step !== newest && (await exists(join(each.path, STATE_FILE)))) found.push(each);
  const others = [...found.filter(({ step }) => step > newest), ...found.filter(({ step }) => step < newest)];
  const free = others.filter(({ step }) => step !== best);
  const kept = Math.max(keep, 1 + others.length - free.length);
  for (const { path, step } of free.slice(0, Math.max(0, others.length + 1 - kept))) {
    // Renamed first: a crash half way through the removal must not leave a folder that looks finished.
    const leaving = join(runFolder, `.checkpoint-${step}.gone`);
    await remove(leaving);
    await move(path, leaving);
    await remove(leaving);
  }
}

async function writeContents(folder: string, checkpoint: CheckpointToWrite, fs: FileSystem): Promise<void> {
  const { layout, flat, trainer } = checkpoint;
  const outcomeFiles = await checkpoint.writeOutcome(folder, { fs, atomic: false });
  if (flat.trainable.length !== layout.size)
    throw new Error(`internal: the trainable vector has ${flat.trainable.length} values, not ${layout.size}`);
  const tensors = [[STATE.trainable, flat.trainable] as const, ...Object.entries(flat.slots)].map(([name, values]) =>
    f32Tensor(name, [values.length], values),
  );
  const optimizer = await writeSafetensors(join(folder, OPTIMIZER_FILE), tensors, { fs, atomic: false });
  const stateFile = join(folder, STATE_FILE);
  const state = sealed({ ...trainer, layout_hash: layoutHash(layout), files: { ...outcomeFiles, [OPTIMIZER_FILE]: optimizer } });
  // What could not be read back must not be written.
  parseTrainerState(JSON.parse(JSON.stringify(state)), stateFile);
  const text = new TextEncoder().encode(`${JSON.stringify(state, null, 2)}\n`);
  await writeFileSynced(stateFile, (write) => write(text), fs);
}

/** A folder cannot be renamed over another: one of the same step (a run resumed from before it) steps aside first. */
async function moveIntoPlace(temporary: string, final: string, aside: string, fs: FileSystem): Promise<void> {
  const replaces = await exists(final);
  if (replaces) {
    await remove(aside);
    await fs.rename(final, aside);
  }
  try {
    await fs.rename(temporary, final);
  } catch (error) {
    if (replaces) await fs.rename(aside, final);
    throw error;
  }
  await remove(aside);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function layoutError(folder: string, what: string): AppError {
  return new AppError({
    code: 'CHECKPOINT-LAYOUT',
    message: `${folder}: ${what}.`,
    data: { folder },
    remedy: 'Resume with the recipe that the run was started with.',
  });
}
