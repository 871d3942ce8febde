/** A run with evaluations, a sparse log, early stopping and the best checkpoint, resumed at any checkpoint, is the run that was left alone. */
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listCheckpoints } from '../../src/main/engine/train/checkpoint.ts';
import { ADAPTER_FILES, filesOf, finishJob, stepValues, trainJob } from '../support/engine-job.ts';
import { testFolder } from '../support/test-folder.ts';

it('keeps the window of the log, the best and the patience', async () => {
  const root = await testFolder();
  const whole = await trainJob(root, 'whole', {
    recipe: {
      max_steps: 20,
      learning_rate: 2e-2,
      logging_steps: 3,
      save_steps: 1,
      save_total_limit: null,
      per_device_train_batch_size: 2,
      gradient_accumulation_steps: 2,
      lora: { r: 4, lora_alpha: 16, lora_dropout: 0.1 },
      eval_strategy: 'steps',
      eval_steps: 2,
      val_size: 5,
      load_best_model_at_end: true,
      early_stopping_patience: 3,
      // It falls while the model learns, so the first is the best.
      metric_for_best_model: 'entropy',
    },
  });
  const { events, final } = await finishJob(whole);
  const steps = stepValues(events).filter((step) => Object.keys(step).length > 1);
  const last = final.kind === 'finished' ? final.result.steps : 0;
  // It did end early, after evaluations without a better one.
  expect(last).toBeLessThan(20);
  const checkpoints = await listCheckpoints(whole.outDir);
  expect(checkpoints).toHaveLength(last);
  for (const { step } of checkpoints.filter((each) => each.step % 3 === 2)) {
    const job = { ...whole, outDir: join(root, `from-${step}`) };
    await cp(whole.outDir, job.outDir, { recursive: true });
    for (const name of await readdir(job.outDir))
      if (name === 'adapter' || Number(/^checkpoint-(\d+)$/.exec(name)?.[1] ?? 0) > step) await rm(join(job.outDir, name), { recursive: true });
    const resumed = await finishJob({ ...job, resumeFrom: join(job.outDir, `checkpoint-${step}`) });
    expect(
      stepValues(resumed.events).filter((each) => Object.keys(each).length > 1),
      `from step ${step}`,
    ).toEqual(steps.filter((each) => each.step > step));
    expect(await filesOf(join(job.outDir, 'adapter'), ADAPTER_FILES)).toEqual(await filesOf(join(whole.outDir, 'adapter'), ADAPTER_FILES));
  }
}, 300_000);
