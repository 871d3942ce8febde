/** Remedies of a lost registry say "tunesmith resume --out DIR lists it again": that has to be so of a run that has finished too. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { recipeSchema } from '../../../shared/domain/recipe/recipe.ts';
import { makeFolder } from '../../files/folders.ts';
import { dataFolder } from '../../app/paths.ts';
import { openStudio } from '../../studio.ts';
import { writeRecipe, writeRecord } from './run-folder.ts';
import { resumeRun } from './runs.ts';
import type { RunUpdate } from './run-update.ts';

it('a finished run that the registry does not know is listed by resuming it, once, with its checkpoints', async () => {
  const root = await testFolder();
  const [data, dir] = [dataFolder(join(root, 'data')), join(root, 'finished')];
  await makeFolder(join(dir, 'checkpoint-6'));
  await writeRecipe(dir, recipeSchema.parse({ model: '/models/small', dataset: { file: '/data/rows.jsonl' } }));
  await writeRecord(dir, { status: { kind: 'completed', steps: 9 }, device: 'cpu', threads: 1, rows: null, hostPid: 1, enginePid: null });
  const studio = openStudio(data, 'cli');
  const said: RunUpdate[] = [];
  const resume = () =>
    resumeRun(
      dir,
      null,
      data,
      (update) => said.push(update),
      ({ recipe, dir: folder }) => studio.services.runs.ledgerForFolder(recipe, folder),
    ).ended;
  expect(await resume()).toEqual({ kind: 'completed', steps: 9 });
  expect(await resume()).toEqual({ kind: 'completed', steps: 9 });
  expect(said.map((update) => (update.kind === 'log' ? / listed again/.test(update.message) : update.kind))).toEqual([true, false]);
  expect(studio.services.runs.list()).toMatchObject([{ name: 'finished', dir, status: { kind: 'completed', steps: 9 }, step: 9, checkpoints: [6] }]);
  await studio.close();
});
