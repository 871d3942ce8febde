import { expect, it } from 'vitest';
import { recipeSchema } from '../../../shared/domain/recipe/recipe.ts';
import { recipeHash } from './recipe-hash.ts';

const RECIPE = recipeSchema.parse({ model: 'm', dataset: { file: 'd' }, max_length: 64 });

it('does not depend on the order of keys', () => {
  const { model, dataset, ...rest } = RECIPE;
  expect(recipeHash({ ...rest, dataset, model })).toBe(recipeHash(RECIPE));
  expect(recipeHash({ ...RECIPE, seed: 43 })).not.toBe(recipeHash(RECIPE));
  expect(recipeHash({ ...RECIPE, lora: { ...RECIPE.lora, r: 8 } })).not.toBe(recipeHash(RECIPE));
});

it('is what checkpoints of 0.1.0 hold, whatever fields recipes have got since', () => {
  expect(recipeHash(RECIPE)).toBe('83fd678963a2896331e3d0d15d5dce4a2904890e6bd4f5010bd1faee0a138d26');
});

it('a field that came later counts where it is not at its default', () => {
  const later = { ...RECIPE, lora: { ...RECIPE.lora, later: null } };
  expect(recipeHash(later)).not.toBe(recipeHash(RECIPE));
});
