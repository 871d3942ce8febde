import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { recipeSchema } from '../../../shared/domain/recipe/recipe.ts';
import { stopTokensOf } from './stop-tokens.ts';

it('an adapter of a run ends answers as its rows ended; one from elsewhere, and the base model, say nothing', async () => {
  const run = await testFolder();
  await mkdir(join(run, 'checkpoint-4', 'adapter'), { recursive: true });
  await writeFile(join(run, 'recipe.json'), JSON.stringify(recipeSchema.parse({ model: 'm', dataset: { file: 'f' }, eos_token: '<|im_end|>' })));
  const adapters = [join(run, 'adapter'), join(run, 'checkpoint-4', 'adapter'), null, await testFolder()].map((folder) => ({
    weights: folder === null ? null : { kind: 'adapter' as const, folder },
  }));
  expect(await stopTokensOf(adapters)).toEqual(['<|im_end|>']);
  expect(await stopTokensOf(adapters.slice(2))).toEqual([]);
});
