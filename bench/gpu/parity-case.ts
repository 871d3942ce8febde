/** @file One training case of test/parity through a real train job in an engine process, as files of this computer. */
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Recipe } from '../../src/shared/domain/recipe/recipe.ts';
import { parseRecipe } from '../../src/shared/domain/recipe/parse.ts';
import type { AppErrorFields } from '../../src/shared/lib/app-error.ts';
import type { ColumnMapping } from '../../src/main/datasets/import-plan.ts';
import { importDataset } from '../../src/main/datasets/import-dataset.ts';
import { startJob } from '../../src/main/engine-host/engine-host.ts';
import type { MetricPoint } from '../../src/shared/domain/metrics.ts';
import type { DeviceChoice } from '../../src/main/engine/protocol.ts';
import { openSafetensors, readTensorF32 } from '../../src/main/engine/weights/safetensors.ts';

const CASES = join(import.meta.dirname, '../../test/parity/fixtures/training');
const WEIGHTS = 'adapter_model.safetensors';

const stepsSchema = z.object({ steps: z.array(z.object({ step: z.int(), loss: z.number(), grad_norm: z.number() })).min(1) });
export type GoldenStep = z.infer<typeof stepsSchema>['steps'][number];

/** Cases that a recipe can say. */
export function parityCases(): readonly string[] {
  return readdirSync(CASES).filter((name) => existsSync(join(CASES, name, 'recipe.json')));
}

export function goldenSteps(name: string): readonly GoldenStep[] {
  return stepsSchema.parse(JSON.parse(readFileSync(join(CASES, name, 'steps.json'), 'utf8'))).steps;
}

/** PEFT's adapter after the last step, where the fixture keeps it. */
export function goldenAdapter(name: string): string | null {
  const file = join(CASES, name, 'final-adapter', WEIGHTS);
  return existsSync(file) ? file : null;
}

/** The recipe with absolute paths. */
export function caseRecipe(name: string): Recipe {
  const folder = join(CASES, name);
  const { recipe } = parseRecipe(JSON.parse(readFileSync(join(folder, 'recipe.json'), 'utf8')), `${name}/recipe.json`);
  const { file } = recipe.dataset;
  const adapter = recipe.adapter === null ? null : resolve(folder, recipe.adapter);
  return { ...recipe, model: resolve(folder, recipe.model), adapter, dataset: { ...recipe.dataset, file: resolve(folder, file) } };
}

export type Run =
  | { readonly kind: 'trained'; readonly steps: readonly MetricPoint[]; readonly adapter: string }
  | { readonly kind: 'failed'; readonly error: AppErrorFields };

/** Everything the run makes, its caches too, goes under `folder`. */
export async function trainCase(recipe: Recipe, device: DeviceChoice, folder: string): Promise<Run> {
  const { file, format, mapping, pairs } = recipe.dataset;
  const rows = await importDataset({
    file,
    pairs,
    outDir: join(folder, 'rows'),
    ...(format === 'auto' || format === 'canonical' ? {} : { format }),
    ...(mapping === null ? {} : { mapping: mapping as ColumnMapping }),
  });
  const steps: MetricPoint[] = [];
  const job = {
    kind: 'train',
    device,
    threads: null,
    cacheDir: join(folder, 'cache'),
    recipe,
    rows: { file: rows.file, contentHash: rows.contentHash },
    outDir: join(folder, 'run'),
    resumeFrom: null,
  } as const;
  const ended = await startJob(job, (event) => {
    if (event.kind === 'metrics') steps.push(...event.steps);
  }).ended;
  if (ended.kind === 'failed') return { kind: 'failed', error: ended.error };
  if (ended.kind !== 'finished') throw new Error(`the run ended by itself: ${ended.kind}`);
  return { kind: 'trained', steps, adapter: join(ended.result.outcome.folder, WEIGHTS) };
}

/** ||got - want|| / ||want|| of the tensor that is worst in it. */
export async function adapterDeviation(got: string, want: string): Promise<number> {
  const [ours, theirs] = await Promise.all([openSafetensors(got), openSafetensors(want)]);
  if (ours.tensors.size !== theirs.tensors.size) throw new Error(`the adapter has ${ours.tensors.size} tensors, PEFT's ${theirs.tensors.size}`);
  let worst = 0;
  for (const [name, info] of theirs.tensors) {
    const mine = ours.tensors.get(name);
    if (!mine) throw new Error(`the adapter lacks ${name}`);
    const [a, b] = await Promise.all([readTensorF32(mine), readTensorF32(info)]);
    let [difference, size] = [0, 0];
    b.forEach((value, i) => {
      difference += (a[i]! - value) ** 2;
      size += value ** 2;
    });
    worst = Math.max(worst, Math.sqrt(difference / size));
  }
  return worst;
}
