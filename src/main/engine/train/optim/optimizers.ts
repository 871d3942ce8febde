/** @file The optimizers that a recipe may ask for, by transformers' names. */
import type { Recipe } from '../../../../shared/domain/recipe/recipe.ts';
import { adamw } from './adamw.ts';
import type { Optimizer } from './optimizer.ts';

const OPTIMIZERS = {
  adamw_torch: (recipe) => adamw({ beta1: recipe.adam_beta1, beta2: recipe.adam_beta2, epsilon: recipe.adam_epsilon, weightDecay: recipe.weight_decay }),
} satisfies Readonly<Record<string, (recipe: Recipe) => Optimizer>>;

export function optimizerOf(recipe: Recipe): Optimizer {
  return OPTIMIZERS.adamw_torch(recipe);
}
