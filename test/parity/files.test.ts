import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPeftAdapter } from '../../src/main/engine/export/peft-adapter.ts';
import { modelDefinition } from '../../src/main/engine/models/model.ts';
import { openModelFolder } from '../../src/main/engine/weights/model-folder.ts';
import { expectedTensors, linearModules } from '../../src/main/engine/weights/model-tensors.ts';
import { parseRecipe } from '../../src/shared/domain/recipe-parse.ts';
import { parityFixture } from '../support/fixture.ts';

const TRAINING = parityFixture('training');
const models = readdirSync(parityFixture('models'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
const withRecipe = readdirSync(TRAINING, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('recipe.json'));

describe('every model that the reference stack made', () => {
  it.each(models)('opens here, and its family asks for the same tensors: %s', async (name) => {
    const { config, unusedTensors } = await openModelFolder(parityFixture('models', name));
    const family = modelDefinition(config.family);
    expect(new Map(expectedTensors(config).map(({ name: tensor, shape }) => [tensor, shape]))).toEqual(new Map(family.tensors(config)));
    expect(linearModules(config)).toEqual(family.linears(config));
    expect(unusedTensors).toEqual([]);
  });
});

describe('every training case', () => {
  it.each(withRecipe)('is a recipe, with an adapter that fits its model: %s', async (file) => {
    const folder = join(TRAINING, file, '..');
    const { recipe } = parseRecipe(JSON.parse(await readFile(join(TRAINING, file), 'utf8')), file);
    const { config } = await openModelFolder(join(folder, recipe.model));
    expect((await readPeftAdapter(join(folder, recipe.adapter!), config)).config.r).toBe(recipe.lora.r);
  });
});
