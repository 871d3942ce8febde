/**
 * @file The folder of a run, as it lies on disk:
 *   recipe.json     the recipe, complete, with absolute paths
 *   status.json     where the run stands, on what it runs, who runs it; replaced atomically, touched as a sign of life
 *   events.jsonl    one line an update, appended
 *   host.lock, engine.lock   held by whoever works on it (run-owner.ts); their contents count for nothing
 *   checkpoint-N/   written by the engine; adapter/ or model/ when the run has finished
 */
import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type Outcome, type OutcomeKind, outcomeKindOf, outcomeKindSchema } from '../../../shared/domain/outcome.ts';
import { type Recipe, recipeSchema } from '../../../shared/domain/recipe/recipe.ts';
import { isActive, transition } from '../../../shared/domain/run.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { writeError } from '../../../shared/lib/write-error.ts';
import { makeFolder, makeFolderSync, remove, removeEmptyFolder, touch } from '../../files/folders.ts';
import { AtomicFile } from '../../files/line-file.ts';
import { targetOfTemporary } from '../../files/open-file.ts';
import { assertOwnEntries, type OwnKind } from '../../files/own-folder.ts';
import { RUN_LOCKS } from '../../files/run-locks.ts';
import { ownerOf, RunClaim, runActive, type RunOwner } from './run-owner.ts';

const RECIPE_FILE = 'recipe.json';
const STATUS_FILE = 'status.json';
const LOG_FILE = 'events.jsonl';
/** With what a crash may have left of them: earlier versions wrote them under a name of this kind. */
const WRITTEN_FILE = /^(?:recipe|status)\.json(?:\.\d+\.partial)?$/;
const OWN_FOLDER = /^(?:adapter|model|checkpoint-\d{1,15}|\.checkpoint-\d{1,15}\.(?:new|old|gone))$/;
const OUTCOMES: ReadonlySet<string> = new Set(outcomeKindSchema.options);
const CHECKPOINT = /^checkpoint-(\d{1,15})$/;
/** Milliseconds between two signs of life, for who watches; they decide nothing. */
export const HEARTBEAT = 5000;
/** Milliseconds after which a silent process of a version without locks is no longer believed to run this. */
export const SILENCE = 6 * HEARTBEAT;

const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
  remedy: z.string().optional(),
});
const resumeFrom = z.int().nullable();
const training = { step: z.int(), totalSteps: z.int(), resumeFrom };
export const statusSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('queued') }),
  z.object({ kind: z.literal('preparing'), resumeFrom }),
  z.object({ kind: z.literal('running'), ...training }),
  z.object({ kind: z.literal('stopping'), ...training }),
  z.object({ kind: z.literal('stopped'), resumeFrom }),
  z.object({ kind: z.literal('completed'), steps: z.int() }),
  z.object({ kind: z.literal('failed'), error: errorSchema, resumeFrom }),
  // Records from before the registry have no step.
  z.object({ kind: z.literal('interrupted'), step: z.int().default(0), resumeFrom }),
]);
const recordSchema = z.object({
  version: z.literal(1),
  status: statusSchema,
  device: z.enum(['cpu', 'cuda', 'reference']),
  threads: z.int().nullable(),
  /** The canonical rows; null until they are imported. */
  rows: z.object({ file: z.string(), contentHash: z.string() }).nullable(),
  hostPid: z.int(),
  enginePid: z.int().nullable(),
  updated: z.string(),
});
/** Contents of status.json. */
export type RunRecord = Readonly<z.infer<typeof recordSchema>>;

export interface RunFolder {
  readonly dir: string;
  /** Where what it yields goes in the end. */
  readonly outcome: Outcome;
  readonly recipe: Recipe;
  readonly record: RunRecord;
  /** Last step known when the run was cut off by a crash or a kill; null where it was not. */
  readonly cutOffAt: number | null;
}

/** What a run yields when it has finished: in a folder of the kind's name. */
export function finalOutcome(dir: string, kind: OutcomeKind): Outcome {
  return { kind, folder: join(dir, kind) };
}

/** What a name in the folder of a run stands for; null for what is not ours. */
function ownKind(name: string): OwnKind | null {
  if (name === LOG_FILE || name === RUN_LOCKS.host || name === RUN_LOCKS.engine) return 'appended';
  if (OWN_FOLDER.test(name)) return 'folder';
  return WRITTEN_FILE.test(targetOfTemporary(name) ?? name) ? 'file' : null;
}

/**
 * Reads a run, whose folder may come from anywhere: names of ours that are links are refused before anything else. One that says it
 * is running although nobody runs it was interrupted, and its status says so.
 * @throws AppError RUN-FOLDER, RUN-ACTIVE, NOT-OURS
 */
export async function openRunFolder(path: string): Promise<RunFolder> {
  const run = await readRun(resolve(path));
  if (isActive(run.record.status)) await refuseOwned(run.dir, run.record);
  return interruptedIfActive(run);
}

/**
 * Claims a run to work on it, unless it has finished: then there is nothing to claim.
 * @throws AppError RUN-FOLDER, RUN-ACTIVE, NOT-OURS, FILE-LOCK, FILE-DENIED, FILE-WRITE
 */
export async function claimRun(path: string): Promise<{ readonly run: RunFolder; readonly claim: RunClaim | null }> {
  const dir = resolve(path);
  const before = await readRun(dir);
  if (before.record.status.kind === 'completed') return { run: before, claim: null };
  await refuseOldOwner(dir, before.record);
  const claim = await RunClaim.take(dir);
  try {
    // What it says now: until a moment ago another may have worked on it.
    return { run: interruptedIfActive(await readRun(dir)), claim };
  } catch (error) {
    claim.release();
    throw error;
  }
}

async function readRun(dir: string): Promise<RunFolder> {
  await assertOwnEntries(dir, ownKind);
  const record = await readJson(join(dir, STATUS_FILE), recordSchema, dir);
  const recipe = await readJson(join(dir, RECIPE_FILE), recipeSchema, dir);
  return { dir, outcome: finalOutcome(dir, outcomeKindOf(recipe)), recipe, record, cutOffAt: null };
}

function interruptedIfActive(run: RunFolder): RunFolder {
  const { status } = run.record;
  if (!isActive(status)) return run;
  return { ...run, record: { ...run.record, status: transition(status, { kind: 'engine-lost' })! }, cutOffAt: 'step' in status ? status.step : 0 };
}

/**
 * Makes `path` ready for a new run and claims it. What an earlier run left without saving anything is replaced.
 * @throws AppError RUN-EXISTS, RUN-ACTIVE, NOT-OURS, FILE-LOCK, DISK-FULL, FILE-DENIED, FILE-WRITE
 */
export async function claimRunFolder(path: string): Promise<RunClaim> {
  const dir = resolve(path);
  await makeFolder(dir).catch((cause: unknown) => {
    throw writeError(dir, cause);
  });
  await assertOwnEntries(dir, ownKind);
  const record = await readJson(join(dir, STATUS_FILE), recordSchema, dir).catch(() => null);
  if (record !== null) await refuseOldOwner(dir, record);
  const claim = await RunClaim.take(dir);
  try {
    const names = await readdir(dir);
    if (names.some((name) => OUTCOMES.has(name) || CHECKPOINT.test(name))) throw runExists(dir);
    await remove(join(dir, LOG_FILE));
    return claim;
  } catch (error) {
    // The folder may be a person's own, with nothing of ours in it.
    claim.release({ remove: true });
    throw error;
  }
}

/** The same for a folder that is not there yet, without waiting. @throws AppError NOT-OURS, FILE-LOCK, DISK-FULL, FILE-DENIED, FILE-WRITE, RUN-ACTIVE */
export function claimNewRunFolder(dir: string): RunClaim {
  try {
    makeFolderSync(dir);
  } catch (cause) {
    throw writeError(dir, cause);
  }
  const claim = RunClaim.tryTake(dir);
  if (claim === null) throw runActive(dir, { kind: 'host', pid: null, machine: null });
  return claim;
}

/** For deleting: null where the folder is not one of a run, or cannot be read as one. @throws AppError RUN-ACTIVE, FILE-DENIED */
export async function claimToRemove(dir: string): Promise<RunClaim | null> {
  const why = await openRunFolder(dir).then(
    () => null,
    (error: unknown) => error,
  );
  if (why instanceof AppError && why.code === 'RUN-ACTIVE') throw why;
  if (why === null) return RunClaim.take(dir);
  if (!(why instanceof AppError && why.code === 'NOT-OURS' && (await isRunFolder(dir)))) return null;
  // Links among its names go, and what they lead to stays; one in the place of a lock goes first, for nobody can hold that.
  for (const name of Object.values(RUN_LOCKS)) if (await isOdd(join(dir, name))) await remove(join(dir, name));
  return RunClaim.take(dir);
}

async function isOdd(path: string): Promise<boolean> {
  return lstat(path).then(
    (info) => !info.isFile() || info.nlink > 1,
    () => false,
  );
}

function runExists(dir: string): AppError {
  return new AppError({
    code: 'RUN-EXISTS',
    message: `${dir} already holds a run.`,
    data: { dir },
    remedy: 'Choose another folder with --out, or go on with that run by resume.',
  });
}

export async function writeRecipe(dir: string, recipe: Recipe): Promise<void> {
  await writeJson(join(dir, RECIPE_FILE), recipe);
}

export async function writeRecord(dir: string, record: Omit<RunRecord, 'version' | 'updated'>): Promise<void> {
  await writeJson(join(dir, STATUS_FILE), { version: 1, ...record, updated: new Date().toISOString() });
}

/** Shows that the run's host lives. */
export async function touchRecord(dir: string): Promise<void> {
  await touch(join(dir, STATUS_FILE));
}

/** The finished checkpoints, oldest first. The engine names a folder so only when it is complete. */
export async function listCheckpoints(dir: string): Promise<readonly { readonly path: string; readonly step: number }[]> {
  const steps = (await readdir(dir)).flatMap((name) => (CHECKPOINT.test(name) ? [Number(CHECKPOINT.exec(name)![1])] : []));
  return steps.sort((x, y) => x - y).map((step) => ({ step, path: join(dir, `checkpoint-${step}`) }));
}

/** Whether a folder says of itself that it is a run's, whatever else is wrong with it. */
async function isRunFolder(dir: string): Promise<boolean> {
  return readJson(join(dir, STATUS_FILE), recordSchema, dir).then(
    () => true,
    () => false,
  );
}

/** Deletes what is ours in the folder of a run, and the folder if nothing else is in it: it may be a person's own. Of links, only the link. Ends the claim. */
export async function removeRunFolder(claim: RunClaim): Promise<void> {
  const { dir } = claim;
  for (const name of await readdir(dir)) if (name !== RUN_LOCKS.host && ownKind(name) !== null) await remove(join(dir, name));
  // Last, so that nobody begins in a folder that is half gone.
  claim.release({ remove: true });
  if ((await readdir(dir)).length === 0) await removeEmptyFolder(dir);
}

async function refuseOwned(dir: string, record: RunRecord): Promise<void> {
  const owner = ownerOf(dir);
  if (typeof owner !== 'string') throw runActive(dir, withPid(owner, record));
  await refuseOldOwner(dir, record);
}

/** What Windows does not let us read from the lock, the record says. */
function withPid(owner: RunOwner, { hostPid, enginePid }: RunRecord): RunOwner {
  return { ...owner, pid: owner.pid ?? (owner.kind === 'host' ? hostPid : enginePid) };
}

/** A version without locks gave signs of life instead. @throws AppError RUN-ACTIVE */
async function refuseOldOwner(dir: string, { status, hostPid, enginePid }: RunRecord): Promise<void> {
  if (!isActive(status) || ownerOf(dir) !== 'unclaimed') return;
  const { mtimeMs } = await stat(join(dir, STATUS_FILE));
  const pid = await livingOwner(mtimeMs, [hostPid, enginePid]);
  if (pid !== null) throw runActive(dir, { kind: 'host', pid, machine: null });
}

/** The rule of versions without locks. Numbers of dead processes are given anew, so one that was silent for long does not count. */
export async function livingOwner(beat: number, pids: readonly (number | null)[]): Promise<number | null> {
  if (Date.now() - beat > SILENCE) return null;
  for (const pid of pids) if (pid !== null && pid !== process.pid && (await isAlive(pid))) return pid;
  return null;
}

/** Whether a process of this number runs. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // A killed process whose parent has not asked for its exit code still has its number: containers often have no such parent.
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').then(
    (text) => text.slice(text.lastIndexOf(')') + 2)[0],
    () => null,
  );
  return state !== 'Z' && state !== 'X';
}

async function readJson<T>(file: string, schema: z.ZodType<T>, dir: string): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const message = missing
      ? `${dir} is not the folder of a run: there is no ${file}.`
      : `${file} cannot be read: ${error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : String(error)}.`;
    throw new AppError({ code: 'RUN-FOLDER', message, data: { dir }, remedy: 'Give the folder that a run was started with (--out).' }, error);
  }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  const file = await AtomicFile.create(path);
  try {
    await file.writeLine(JSON.stringify(value, null, 2));
    await file.seal();
    await file.commit();
  } finally {
    await file.discard();
  }
}
