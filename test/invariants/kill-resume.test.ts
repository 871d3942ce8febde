/** A run whose engine is killed by SIGKILL, at any moment, and resumed from its newest checkpoint is the run that was left alone: bit for bit. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent, TrainJob } from '../../src/main/engine/protocol.ts';
import { latestCheckpoint } from '../../src/main/engine/train/checkpoint.ts';
import {
  ADAPTER_FILES,
  CHECKPOINT_FILES,
  filesOf,
  finishJob,
  runJob,
  runFaulty,
  stepValues,
  trainJob,
  type JobOptions,
  type StepValues,
} from '../support/engine-job.ts';
import { tempFolder } from '../support/temp-folder.ts';

const STEPS = 8;

interface Setup {
  readonly name: string;
  readonly options: JobOptions;
  /** Moments as engine-fault.ts understands them, each with the step of the newest checkpoint then. */
  readonly kills: readonly (readonly [killAt: string, newest: number])[];
}

const setups: readonly Setup[] = [
  {
    name: 'a checkpoint each step, one kept, dropout',
    options: {
      recipe: {
        max_steps: STEPS,
        save_steps: 1,
        save_total_limit: 1,
        lora: { r: 4, lora_dropout: 0.1 },
        lr_scheduler_type: 'cosine',
        warmup_steps: 2,
      },
    },
    kills: [
      ['metrics 4', 3],
      ['mkdir .checkpoint-1.new', 0],
      ['open .checkpoint-3.new/optimizer.safetensors', 2],
      ['rename .checkpoint-5.new', 4],
      ['rename /checkpoint-5$', 6],
      ['rm .checkpoint-2.gone 2', 3],
    ],
  },
  {
    name: 'a checkpoint each third step, accumulated batches, Qwen2',
    options: {
      model: 'qwen2-tied',
      dataset: 'messages.jsonl',
      recipe: { max_steps: STEPS, save_steps: 3, per_device_train_batch_size: 3, gradient_accumulation_steps: 2 },
    },
    kills: [
      ['open tokens.bin', 0],
      ['metrics 2', 0],
      ['open .checkpoint-6.new/trainer_state.json', 3],
      ['metrics 7', 6],
      ['open adapter/.adapter_config', STEPS],
    ],
  },
];

function expectSameSteps(got: readonly StepValues[], want: readonly StepValues[]): void {
  for (const values of got) expect(values).toEqual(want[values.step - 1]);
}

describe.each(setups)('$name', ({ options, kills }) => {
  const root = tempFolder();
  const last = `checkpoint-${STEPS}`;
  let whole: TrainJob;
  let steps: readonly StepValues[];

  beforeAll(async () => {
    whole = await trainJob(root, 'whole', options);
    steps = stepValues((await finishJob(whole)).events);
  });

  async function resumesAs(job: TrainJob, newest: number, told: readonly EngineEvent[]): Promise<void> {
    expectSameSteps(stepValues(told), steps);
    const from = await latestCheckpoint(job.outDir);
    expect(from?.step ?? 0).toBe(newest);
    const values = stepValues((await finishJob({ ...job, resumeFrom: from?.path ?? null })).events);
    expect(values).toEqual(steps.slice(newest));
    expect(await filesOf(join(job.outDir, 'adapter'), ADAPTER_FILES)).toEqual(await filesOf(join(whole.outDir, 'adapter'), ADAPTER_FILES));
    expect(await filesOf(join(job.outDir, last), CHECKPOINT_FILES)).toEqual(await filesOf(join(whole.outDir, last), CHECKPOINT_FILES));
    expect((await readdir(job.outDir)).sort()).toEqual((await readdir(whole.outDir)).sort());
  }

  it.each(kills)('killed at: %s', async (killAt, newest) => {
    const name = `killed-${kills.findIndex(([moment]) => moment === killAt)}`;
    const job = { ...(await trainJob(root, name, options)), cacheDir: join(root, 'caches', name) };
    const { events, end } = await runFaulty(job, `kill ${killAt}`);
    expect(end).toMatchObject({ code: 'ENGINE-LOST', message: expect.stringContaining('SIGKILL') as string });
    await resumesAs(job, newest, events);
  });

  it('killed from outside, before its first step', async () => {
    const job = await trainJob(root, 'outside', options);
    const told: EngineEvent[] = [];
    const ended = runJob(job, (event, { pid }) => {
      told.push(event);
      if (event.kind === 'dataset') process.kill(pid!, 'SIGKILL');
    });
    await expect(ended).rejects.toMatchObject({ code: 'ENGINE-LOST' });
    await resumesAs(job, 0, told);
  });
});
