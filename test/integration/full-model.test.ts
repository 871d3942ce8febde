/** Full fine-tuning in the studio: the run yields a model, which is one of the studio's, answers beside its base, and goes with its run. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dataFolder } from '../../src/main/app/paths.ts';
import type { Services } from '../../src/main/services/services.ts';
import { openStudio } from '../../src/main/studio.ts';
import { type Column, generateRequestSchema, type Generation } from '../../src/shared/domain/generation.ts';
import { recipeSettingsSchema } from '../../src/shared/domain/recipe/recipe.ts';
import type { RunSummary } from '../../src/shared/domain/run-record.ts';
import { testFolder } from '../support/test-folder.ts';

async function completed({ runs }: Services, { id }: RunSummary): Promise<void> {
  for await (const update of runs.watch(id, AbortSignal.timeout(180_000))) {
    if (update.kind !== 'run') continue;
    if (update.run.status.kind === 'completed') return;
    if (update.run.status.kind === 'failed') throw new Error(JSON.stringify(update.run.status));
  }
}

async function answered({ comparisons }: Services, modelId: string, columns: Column[]): Promise<Generation['answers']> {
  const request = generateRequestSchema.parse({ modelId, columns, prompt: 'Who wrote the ledger?', maxNewTokens: 12 });
  for await (const update of comparisons.generate(request, AbortSignal.timeout(180_000)))
    if (update.kind === 'done') return update.generation.answers;
  throw new Error('no answer');
}

it('a model of its own', async () => {
  const studio = openStudio(dataFolder(join(await testFolder(), 'data')), 'browser');
  const { services } = studio;
  services.settings.update({ device: 'cpu', threads: 1 });
  const { model, dataset } = await services.starter.open();
  const settings = recipeSettingsSchema.parse({ finetuning_type: 'full', learning_rate: 5e-3, max_steps: 4, max_length: 64 });
  const run = await services.runs.start({ modelId: model.id, datasetId: dataset.id, settings }, 'All of it');
  await completed(services, run);
  expect(services.runs.get(run.id)).toMatchObject({ yields: 'model', hasOutcome: true, outcome: { kind: 'model', folder: join(run.dir, 'model') } });

  // It is there by itself, soon after the run; opening it again is the same model.
  const tuned = await services.models.open(join(run.dir, 'model'));
  expect(tuned).toMatchObject({ name: 'All of it', state: { kind: 'usable', facts: { dtypes: { F32: expect.any(Number) } } } });
  expect((await services.models.open(join(run.dir, 'checkpoint-4'))).name).toBe('All of it · step 4');

  const [base, beside, again] = await answered(services, model.id, [
    { kind: 'base' },
    { kind: 'run', runId: run.id, checkpoint: null },
    { kind: 'base' },
  ]);
  expect(beside!.title).toBe('All of it · step 4');
  expect(again!.text).toBe(base!.text);
  expect(beside!.text).not.toBe(base!.text);
  // The same weights, asked as a model: the same answer.
  const [alone] = await answered(services, tuned.id, [{ kind: 'base' }]);
  expect(alone!.text).toBe(beside!.text);
  // One set of weights at a time.
  expect(services.engines.list().filter(({ bytes }) => bytes !== null)).toHaveLength(1);

  expect((await services.runDependents.of(run.id)).models).toEqual(['All of it', 'All of it · step 4']);
  await studio.close();
}, 300_000);
