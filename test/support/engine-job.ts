/** @file Real jobs in real engine processes, over the small committed models. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importDataset } from '../../src/main/datasets/import-dataset.ts';
import { startJob, type FinalEvent, type RunningJob } from '../../src/main/engine-host/engine-host.ts';
import type { MetricPoint, MetricValues } from '../../src/shared/domain/metrics.ts';
import type { EngineEvent, Job, TrainJob } from '../../src/main/engine/protocol.ts';
import { AppError } from '../../src/shared/lib/app-error.ts';
import { recipeSchema, type RecipeInput } from '../../src/shared/domain/recipe/recipe.ts';
import { parityFixture } from './fixture.ts';

export interface JobOptions {
  readonly recipe?: Partial<RecipeInput>;
  /** Of test/parity/fixtures/models. */
  readonly model?: string;
  /** A file of test/parity/fixtures/datasets, or the path of any other. */
  readonly dataset?: string;
}

/** A training job of a tiny model under `root`: imported rows in `root/rows`, cache in `root/cache`, run in `root/NAME`. */
export async function trainJob(root: string, name: string, options: JobOptions = {}): Promise<TrainJob> {
  const dataset = options.dataset ?? 'prompt-completion.jsonl';
  const file = dataset.includes('/') ? dataset : parityFixture('datasets', dataset);
  const rows = await importDataset({ file, outDir: join(root, 'rows') });
  const recipe = recipeSchema.parse({
    model: parityFixture('models', options.model ?? 'llama-tied'),
    dataset: { file },
    max_steps: 8,
    learning_rate: 5e-3,
    lora: { r: 4, lora_alpha: 8 },
    precision: 'f32',
    ...options.recipe,
  });
  return {
    kind: 'train',
    device: 'cpu',
    threads: 1,
    cacheDir: join(root, 'cache'),
    recipe,
    rows: { file: rows.file, contentHash: rows.contentHash },
    outDir: join(root, name),
    resumeFrom: null,
  };
}

export interface JobRecord {
  readonly events: readonly EngineEvent[];
  readonly final: FinalEvent;
}

export type Watch = (event: EngineEvent, job: RunningJob) => void;

/** Runs a job to its last event. @throws what `startJob` rejects with: ENGINE-LOST */
export async function runJob(job: Job, watch: Watch = () => undefined): Promise<JobRecord> {
  const events: EngineEvent[] = [];
  const running = startJob(job, (event) => {
    events.push(event);
    watch(event, running);
  });
  return { events, final: await running.ended };
}

/** Runs a job in an engine where `fault` happens (see engine-fault.ts). */
export async function runFaulty(job: Job, fault: string): Promise<{ readonly events: readonly EngineEvent[]; readonly end: FinalEvent | AppError }> {
  const events: EngineEvent[] = [];
  const { NODE_OPTIONS: options } = process.env;
  process.env['NODE_OPTIONS'] = `${options ?? ''} --import=${new URL('engine-fault.ts', import.meta.url).href}`;
  process.env['ENGINE_FAULT'] = fault;
  let running: RunningJob;
  try {
    running = startJob(job, (event) => events.push(event));
  } finally {
    delete process.env['ENGINE_FAULT'];
    if (options === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = options;
  }
  const end = await running.ended.catch((error: unknown) => {
    if (error instanceof AppError) return error;
    throw error;
  });
  return { events, end };
}

/** Runs a job that must finish. */
export async function finishJob(job: Job): Promise<JobRecord> {
  const record = await runJob(job);
  if (record.final.kind !== 'finished' && record.final.kind !== 'done') throw new Error(`the job ended with ${JSON.stringify(record.final)}`);
  return record;
}

/** What a step's metrics say of the training itself, without the clock. */
export type StepValues = { readonly step: number } & Omit<MetricValues, 'seconds' | 'elapsed_seconds'>;

function withoutClock({ step, values: all }: MetricPoint): StepValues {
  const { seconds: _, elapsed_seconds: __, ...values } = all;
  return { step, ...values };
}

export function stepValues(events: readonly EngineEvent[]): StepValues[] {
  return events.flatMap((event) => (event.kind === 'metrics' ? event.steps.map(withoutClock) : []));
}

/** Bytes of the files that hold all a run has come to, as text that compares exactly. */
export async function filesOf(folder: string, names: readonly string[]): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')] as const)));
}

export const ADAPTER_FILES = ['adapter_model.safetensors', 'adapter_config.json'] as const;
export const CHECKPOINT_FILES = [...ADAPTER_FILES, 'optimizer.safetensors', 'trainer_state.json'] as const;
