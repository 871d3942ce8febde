/**
 * @file Memory of a LoRA run on a graphics card by arithmetic (on the CPU the engine plans it: engine/memory-plan.ts). Weights:
 * parameters times the bytes they are computed in. Adapter: each of its float32 parameters with its gradient and AdamW's two moments, 16 bytes. Activations, kept for the
 * backward pass, per token: what each linear layer takes (once where several take the same) and gives (Korthikanti
 * et al. 2022, section 4.1, without tensor parallelism, dropout and attention weights); plus the logits of one chunk of rows with their gradient. Padding to the longest row is assumed throughout, so short rows need less.
 */
import type { ModelFacts } from '../../../shared/domain/model.ts';
import { heldOut, type Recipe } from '../../../shared/domain/recipe/recipe.ts';

const ADAM_BYTES = 16;
/** Rows of logits that the engine holds at once. */
const LOGIT_ROWS = 256;

export interface MemoryParts {
  readonly weights: number;
  readonly adapter: number;
  readonly activations: number;
  readonly total: number;
}

export function cudaMemoryOf(recipe: Recipe, facts: ModelFacts, longest: number): MemoryParts {
  const { adaptable, parameters } = facts;
  const bytes = recipe.precision === 'f32' ? 4 : 2;
  const weights = parameters * bytes;
  const adapter = trainedParameters(recipe, facts) * ADAM_BYTES;
  const tokens = recipe.per_device_train_batch_size * longest;
  const perToken = adaptable.reduce(
    (sum, [, inputs, outputs, count], i) => sum + count * (outputs + (adaptable[i - 1]?.[1] === inputs ? 0 : inputs)),
    0,
  );
  const logits = Math.min(tokens, LOGIT_ROWS) * facts.vocabulary * 4 * 2;
  const activations = tokens * perToken * bytes + logits;
  return { weights, adapter, activations, total: weights + adapter + activations };
}

/** What a run trains: the adapter, or every weight. */
export function trainedParameters(recipe: Recipe, facts: Pick<ModelFacts, 'adaptable' | 'parameters'>): number {
  return recipe.finetuning_type === 'full' ? facts.parameters : adapterParameters(recipe, facts);
}

/** Parameters of A and B on each adapted layer: rank times (inputs + outputs) (Hu et al. 2021, section 4.1). */
export function adapterParameters({ lora: { r, target_modules: targets } }: Recipe, { adaptable }: Pick<ModelFacts, 'adaptable'>): number {
  const chosen =
    targets === 'all-linear' ? adaptable : adaptable.filter(([name]) => targets.some((target) => target === name || target.endsWith(`.${name}`)));
  return chosen.reduce((sum, [, inputs, outputs, count]) => sum + r * count * (inputs + outputs), 0);
}

/** Optimiser steps over so many rows, less those held out (spec 5.4). */
export function stepsOf(recipe: Recipe, rows: number): number {
  if (recipe.max_steps > 0) return recipe.max_steps;
  const batches = Math.ceil((rows - heldOut(recipe, rows)) / recipe.per_device_train_batch_size);
  return Math.ceil(recipe.num_train_epochs * Math.max(1, Math.ceil(batches / recipe.gradient_accumulation_steps)));
}
