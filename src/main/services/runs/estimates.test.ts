import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../../../test/support/test-folder.ts';
import type { MeasureUpdate } from '../../../shared/domain/run-record.ts';
import { recipeSchema, recipeSettingsSchema } from '../../../shared/domain/recipe/recipe.ts';
import { dataFolder } from '../../app/paths.ts';
import { openStudio } from '../../studio.ts';
import { adapterParameters, stepsOf } from './memory-estimate.ts';

// Three engine processes, one of which compiles and trains: minutes where the processors are shared.
it('says what the starter needs, and measures it with real steps that leave nothing behind', { timeout: 240_000 }, async () => {
  const data = dataFolder(join(await testFolder(), 'data'));
  const { services, close } = openStudio(data, 'browser');
  services.settings.update({ device: 'cpu' });
  const { model, dataset, settings } = await services.starter.open();
  const subject = { modelId: model.id, datasetId: dataset.id, settings };
  const before = await services.estimates.estimate(subject);
  expect(before).toMatchObject({ device: 'cpu', time: null, steps: 339, advice: [] });
  // 4.8 M parameters computed in float32, and parts that add up.
  expect(before.memory.weights).toBe((model.state.kind === 'usable' ? model.state.facts.parameters : 0) * 4);

  let longest = 0;
  for await (const update of services.inspector.count(subject, new AbortController().signal))
    if (update.kind === 'done') longest = update.counts.longest;
  // The plan's levels are rounded up to the next 32; counted, it is exact.
  expect(before.longestRow).toBe(Math.ceil(longest / 32) * 32);
  expect((await services.estimates.estimate(subject)).longestRow).toBe(longest);

  const updates: MeasureUpdate[] = [];
  for await (const update of services.estimates.measure(subject, new AbortController().signal)) updates.push(update);
  const last = updates.at(-1)!;
  if (last.kind !== 'done') throw new Error(`ended with ${last.kind}`);
  expect(last.estimate.time!.seconds).toBeCloseTo(last.secondsPerStep * 339, 6);
  expect(last.secondsPerStep).toBeGreaterThan(0);
  const { weights, adapter, activations, engine, total } = before.memory;
  expect(weights + adapter + activations + engine).toBe(total);
  // Plan and measurement are one quantity, the engine's resident size at its peak.
  expect(total / last.peakBytes!).toBeGreaterThan(0.85);
  expect(total / last.peakBytes!).toBeLessThan(1.15);
  expect((await readdir(data.cache)).filter((name) => name.startsWith('measure-'))).toEqual([]);
  expect(services.runs.list()).toEqual([]);
  await close();
});

it('stops measuring when nobody listens any more', { timeout: 240_000 }, async () => {
  const data = dataFolder(join(await testFolder(), 'data'));
  const { services, close } = openStudio(data, 'browser');
  services.settings.update({ device: 'cpu' });
  const { model, dataset } = await services.starter.open();
  const stop = new AbortController();
  for await (const update of services.estimates.measure(
    { modelId: model.id, datasetId: dataset.id, settings: recipeSettingsSchema.parse({}) },
    stop.signal,
  )) {
    expect(update.kind).toBe('progress');
    stop.abort();
  }
  expect((await readdir(data.cache)).filter((name) => name.startsWith('measure-'))).toEqual([]);
  await close();
});

it('counts parameters of the adapter and steps as worked out by hand', () => {
  const recipe = recipeSchema.parse({ model: '/m', dataset: { file: '/d' }, lora: { r: 2, target_modules: ['q_proj', 'down_proj'] } });
  const adaptable = [
    ['q_proj', 10, 20, 3],
    ['k_proj', 10, 10, 3],
    ['down_proj', 30, 10, 3],
  ] as const;
  // r (in + out): q 10 + 20, down 30 + 10; over three layers.
  expect(adapterParameters(recipe, { adaptable })).toBe(2 * 3 * (30 + 40));
  expect(stepsOf({ ...recipe, num_train_epochs: 0.5, per_device_train_batch_size: 4 }, 100)).toBe(13);
});
