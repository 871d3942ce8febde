import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPeftAdapter } from '../../src/main/engine/adapters/peft-adapter.ts';
import { openModel } from '../../src/main/engine/models/open-model.ts';
import { parseRecipe } from '../../src/shared/domain/recipe/parse.ts';
import { parityFixture } from '../support/fixture.ts';

const TRAINING = parityFixture('training');
const models = readdirSync(parityFixture('models'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const withRecipe = readdirSync(TRAINING, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('recipe.json'));

describe('every model that the reference stack made', () => {
  it.each(models)('opens here, and is all that its family asks for: %s', async (name) => {
    const { model, tensors, unusedTensors } = await openModel(parityFixture('models', name));
    const { linears } = model;
    expect(linears.map(({ path }) => tensors.get(`${path}.weight`)?.shape)).toEqual(linears.map(({ in: width, out }) => [out, width]));
    expect(unusedTensors).toEqual([]);
  });
});

describe('every training case', () => {
  it.each(withRecipe)('is a recipe, with an adapter that fits its model: %s', async (file) => {
    const folder = join(TRAINING, file, '..');
    const { recipe } = parseRecipe(JSON.parse(await readFile(join(TRAINING, file), 'utf8')), file);
    const { model } = await openModel(join(folder, recipe.model));
    expect((await readPeftAdapter(join(folder, recipe.adapter!), model.linears)).config.r).toBe(recipe.lora.r);
  });
});
