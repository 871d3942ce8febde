/** @file The optimizers that a recipe may ask for, by transformers' names. */
import type { Recipe } from '../../../../shared/domain/recipe/recipe.ts';
import { adafactor } from './adafactor.ts';
import { adamw } from './adamw.ts';
import type { Optimizer } from './optimizer.ts';
import { sgd } from './sgd.ts';

const OPTIMIZERS = {
  adamw_torch: (recipe) =>
    adamw({ beta1: recipe.adam_beta1, beta2: recipe.adam_beta2, epsilon: recipe.adam_epsilon, weightDecay: recipe.weight_decay }),
  sgd: ({ momentum, nesterov, weight_decay: weightDecay }) => sgd({ momentum, nesterov, weightDecay }),
  adafactor: ({ weight_decay: weightDecay }) => adafactor({ weightDecay }),
} satisfies { readonly [K in Recipe['optim']]: (recipe: Recipe) => Optimizer };

export function optimizerOf(recipe: Recipe): Optimizer {
  return OPTIMIZERS[recipe.optim](recipe);
}
