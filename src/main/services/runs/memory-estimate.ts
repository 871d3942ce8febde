/**
 * @file Memory of a LoRA run on a graphics card by arithmetic (on the CPU the engine plans it: engine/memory-plan.ts). Weights:
 * parameters times the bytes they are computed in. Adapter: each of its float32 parameters with its gradient and AdamW's two moments, 16 bytes. Activations, kept for the
 * backward pass, per token and layer: residual stream, both norms, q, k, v, attention output and the MLP's three widths (Korthikanti
 * et al. 2022, section 4.1, without tensor parallelism, dropout and attention weights); plus the logits of one chunk of rows with their gradient. Padding to the longest row is assumed throughout, so short rows need less.
 */
import type { ModelConfig, ModelFacts } from '../../../shared/domain/model.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';

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
  const { config, parameters } = facts;
  const bytes = recipe.precision === 'f32' ? 4 : 2;
  const weights = parameters * bytes;
  const adapter = adapterParameters(recipe, config) * ADAM_BYTES;
  const tokens = recipe.per_device_train_batch_size * longest;
  const attention = config.heads * config.headDim;
  const perToken = 4 * config.hiddenSize + 2 * attention + 2 * config.kvHeads * config.headDim + 3 * config.intermediateSize;
  const logits = Math.min(tokens, LOGIT_ROWS) * config.vocabSize * 4 * 2;
  const activations = tokens * perToken * config.layers * bytes + logits;
  return { weights, adapter, activations, total: weights + adapter + activations };
}

/** Parameters of A and B on each adapted layer: rank times (inputs + outputs) (Hu et al. 2021, section 4.1). */
export function adapterParameters({ lora }: Recipe, config: ModelConfig): number {
  const { hiddenSize, intermediateSize, heads, kvHeads, headDim } = config;
  const sizes: Readonly<Record<string, number>> = {
    q_proj: hiddenSize + heads * headDim,
    k_proj: hiddenSize + kvHeads * headDim,
    v_proj: hiddenSize + kvHeads * headDim,
    o_proj: heads * headDim + hiddenSize,
    gate_proj: hiddenSize + intermediateSize,
    up_proj: hiddenSize + intermediateSize,
    down_proj: intermediateSize + hiddenSize,
  };
  const names = lora.target_modules === 'all-linear' ? Object.keys(sizes) : Object.keys(sizes).filter((name) => lora.target_modules.includes(name));
  return lora.r * config.layers * names.reduce((sum, name) => sum + sizes[name]!, 0);
}

/** Optimiser steps over so many rows (spec 5.4). */
export function stepsOf(recipe: Recipe, rows: number): number {
  if (recipe.max_steps > 0) return recipe.max_steps;
  const batches = Math.ceil(rows / recipe.per_device_train_batch_size);
  return Math.ceil(recipe.num_train_epochs * Math.max(1, Math.ceil(batches / recipe.gradient_accumulation_steps)));
}
