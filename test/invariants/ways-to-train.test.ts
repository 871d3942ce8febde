/** Whatever moves the weights and however rows are laid out: a run that goes on from a checkpoint is the run that was left alone, bit for bit. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RecipeInput } from '../../src/shared/domain/recipe/recipe.ts';
import { ADAPTER_FILES, CHECKPOINT_FILES, filesOf, finishJob, stepValues, trainJob } from '../support/engine-job.ts';
import { testFolder } from '../support/test-folder.ts';

const WAYS: readonly (readonly [string, Partial<RecipeInput>])[] = [
  ['SGD that keeps nothing', { optim: 'sgd', learning_rate: 0.1 }],
  ['SGD with momentum', { optim: 'sgd', momentum: 0.9, nesterov: true, learning_rate: 0.05 }],
  ['Adafactor', { optim: 'adafactor', weight_decay: 0.01 }],
  ['packed, split', { packing: true, packing_strategy: 'bfd_split', max_length: 64, per_device_train_batch_size: 2 }],
  ['packed, wrapped', { packing: true, packing_strategy: 'wrapped', max_length: 64, per_device_train_batch_size: 2 }],
  ['padding-free', { padding_free: true }],
];

it.each(WAYS)('%s', async (_name, recipe) => {
  const root = await testFolder();
  // Between the checkpoints an epoch ends.
  const options = { recipe: { max_steps: 10, save_steps: 5, ...recipe } };
  const whole = await trainJob(root, 'whole', options);
  const steps = stepValues((await finishJob(whole)).events);
  const resumed = await trainJob(root, 'resumed', options);
  const { events } = await finishJob({ ...resumed, resumeFrom: join(whole.outDir, 'checkpoint-5') });
  expect(stepValues(events)).toEqual(steps.slice(5));
  expect(await filesOf(join(resumed.outDir, 'adapter'), ADAPTER_FILES)).toEqual(await filesOf(join(whole.outDir, 'adapter'), ADAPTER_FILES));
  expect(await filesOf(join(resumed.outDir, 'checkpoint-10'), CHECKPOINT_FILES)).toEqual(
    await filesOf(join(whole.outDir, 'checkpoint-10'), CHECKPOINT_FILES),
  );
  await expect(
    finishJob({ ...resumed, recipe: { ...resumed.recipe, ...other(recipe) }, resumeFrom: join(whole.outDir, 'checkpoint-5') }),
  ).rejects.toThrow('RESUME-RECIPE');
});

/** The run as it would have been before there was a choice. */
function other(recipe: Partial<RecipeInput>) {
  return 'optim' in recipe ? { optim: 'adamw_torch' as const } : { packing: false, padding_free: false };
}
