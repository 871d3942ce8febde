/**
 * @file What a run on the CPU takes, three times: planned before it starts, measured by a few steps ("measure with real steps"), and as
 * the peak of the whole run:
 * `npm run bench -- memory [--models FOLDER,FOLDER] [--lengths 64,128,256] [--batches 1,4] [--threads N]`
 * All three are the largest resident size of the engine process.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { importDataset } from '../src/main/datasets/import-dataset.ts';
import { startJob, type EngineEvent, type Job } from '../src/main/engine-host/engine-host.ts';
import { planRecipe, type MemoryPlan } from '../src/main/engine-host/memory-plan.ts';
import { openModel } from '../src/main/engine/models/open-model.ts';
import type { LengthLevel } from '../src/shared/domain/inspection.ts';
import { recipeSchema, type Recipe } from '../src/shared/domain/recipe/recipe.ts';

const STARTER = fileURLToPath(new URL('../resources/starter/model', import.meta.url));
/** Steps of a whole run: one pass over the rows, so that every row is met. */
const STEPS = 8;
const PROBE_STEPS = 4;
const WORDS = 'the tide turns twice a day and a fox that lives by the sea knows when to look for crabs between the stones'.split(' ');

interface Shape {
  readonly model: string;
  readonly length: number;
  readonly batch: number;
}

export async function memory(args: readonly string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { models: text, lengths: text, batches: text, threads: text } });
  const numbers = (value: string | undefined, fallback: readonly number[]) => value?.split(',').map(Number) ?? fallback;
  const threads = values.threads === undefined ? null : Number(values.threads);
  console.log('| Model | length x batch | plan MiB | probe MiB | run MiB | plan / run | probe / run |\n|---|---|---|---|---|---|---|');
  for (const model of values.models?.split(',') ?? [STARTER]) {
    for (const length of numbers(values.lengths, [64, 128, 256])) {
      for (const batch of numbers(values.batches, [1, 4])) await measure({ model, length, batch }, threads);
    }
  }
}

async function measure({ model, length, batch }: Shape, threads: number | null): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-memory-'));
  try {
    const rows = await writeRows(folder, length, batch * STEPS);
    const recipe = recipeSchema.parse({
      model,
      dataset: { file: rows.file },
      max_length: length,
      num_train_epochs: 1,
      per_device_train_batch_size: batch,
      save_steps: 1,
      logging_steps: 1,
    });
    const place = { device: 'cpu', threads, cacheDir: join(folder, 'cache'), rows } as const;
    const plan = await planOf(model, recipe, await lengthsOf({ kind: 'count', ...place, recipe: { ...recipe, max_length: 1_048_576 } }));
    const probe = await peakOf({ kind: 'train', ...place, recipe, outDir: join(folder, 'probe'), resumeFrom: null, measure: { steps: PROBE_STEPS } });
    const run = await peakOf({ kind: 'train', ...place, recipe: { ...recipe, save_steps: STEPS }, outDir: join(folder, 'run'), resumeFrom: null });
    const mib = (bytes: number) => Math.round(bytes / 2 ** 20);
    console.log(
      `| ${basename(model)} | ${length} x ${batch} | ${mib(plan.total)} | ${mib(probe)} | ${mib(run)} | ${(plan.total / run).toFixed(2)} | ${(probe / run).toFixed(2)} |`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Plain text from a quarter of the length to beyond it. */
async function writeRows(folder: string, length: number, count: number): Promise<{ file: string; contentHash: string }> {
  const file = join(folder, 'rows.jsonl');
  const lines = Array.from({ length: count }, (_, row) => {
    const words = Math.ceil(length * (0.25 + (0.85 * ((row * 7) % count)) / count));
    return JSON.stringify({ text: Array.from({ length: words }, (__, i) => WORDS[(i * 5 + row) % WORDS.length]).join(' ') });
  });
  await writeFile(file, `${lines.join('\n')}\n`);
  const imported = await importDataset({ file, outDir: join(folder, 'imported') });
  return { file: imported.file, contentHash: imported.contentHash };
}

async function planOf(model: string, recipe: Recipe, levels: readonly LengthLevel[]): Promise<MemoryPlan> {
  const { tensors } = await openModel(model);
  const parameters = [...tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  return planRecipe(recipe, parameters, levels);
}

async function lengthsOf(job: Job): Promise<readonly LengthLevel[]> {
  const events = await finish(job);
  return events.flatMap((event) => (event.kind === 'lengths' ? event.levels : []));
}

async function peakOf(job: Job): Promise<number> {
  const events = await finish(job);
  return Math.max(...events.map((event) => (event.kind === 'memory' ? event.memory.peak : 0)));
}

async function finish(job: Job): Promise<readonly EngineEvent[]> {
  const events: EngineEvent[] = [];
  const last = await startJob(job, (event) => events.push(event)).ended;
  if (last.kind !== 'finished' && last.kind !== 'done') throw new Error(`the job ended with ${JSON.stringify(last)}`);
  return events;
}
