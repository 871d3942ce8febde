/**
 * The recipe of a training run: the one schema behind validation, JSON Schema, command-line help and form. Each field's
 * label, unit, range, sentence and default stand here and nowhere else. Names are those of TRL, PEFT and transformers.
 *
 * Defaults that differ from TRL 1.13 + PEFT 0.21, and why:
 * - learning_rate 2e-4 for adapters (TRL 2e-5): they need about ten times what suits all weights, for which it is TRL's.
 * - lora.r 16, lora.lora_alpha 32, target_modules all-linear (PEFT 8, 8, q and v): the usual settings for fine-tuning.
 * - per_device_train_batch_size 4 (8): fits ordinary machines.
 * - save_steps 100, save_total_limit 3 (500, all): an interrupted run loses less, and the disk does not fill.
 * - logging_steps 1 (10): a line costs nothing here.
 */
import { z } from 'zod';
import { adapterFields } from './adapter-fields.ts';
import { dataFields } from './data-fields.ts';
import { evaluationFields } from './evaluation-fields.ts';
import { modelFields } from './model-fields.ts';
import { optimizerFields } from './optimizer-fields.ts';
import { savingFields } from './saving-fields.ts';
import { trainingFields } from './training-fields.ts';

export const recipeSchema = z.strictObject({
  ...modelFields,
  ...dataFields,
  ...adapterFields,
  ...trainingFields,
  ...optimizerFields,
  ...evaluationFields,
  ...savingFields,
});

/** A complete recipe: every field set. */
export type Recipe = Readonly<z.output<typeof recipeSchema>>;
/** A recipe without what the studio fills in by itself: model, dataset and version. */
export const recipeSettingsSchema = recipeSchema.omit({ version: true, model: true, dataset: true });
export type RecipeSettings = Readonly<z.output<typeof recipeSettingsSchema>>;
/** What a person has to write: model and dataset file; all else has a default. */
export type RecipeInput = z.input<typeof recipeSchema>;

/** Resolves a `stepsOrShare` field: a value below 1 is a share of `totalSteps`, rounded up (spec 5.4, 5.5). */
export function stepCount(stepsOrShareValue: number, totalSteps: number): number {
  return stepsOrShareValue < 1 ? Math.ceil(stepsOrShareValue * totalSteps) : stepsOrShareValue;
}

/** Rows held out of so many for the evaluation: a share is rounded up, as by datasets' `train_test_split`; 0 where none are. */
export function heldOut(
  { eval_strategy: strategy, eval_dataset: file, val_size: size }: Pick<Recipe, 'eval_strategy' | 'eval_dataset' | 'val_size'>,
  rows: number,
): number {
  if (strategy === 'no' || file !== null) return 0;
  return size < 1 ? Math.ceil(rows * size) : size;
}
