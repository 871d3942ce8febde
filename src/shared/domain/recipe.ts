/**
 * The recipe of a training run: the one schema behind validation, JSON Schema, command-line help and form. Each field's
 * label, unit, range, sentence and default stand here and nowhere else. Names are those of TRL, PEFT and transformers.
 *
 * Defaults that differ from TRL 1.13 + PEFT 0.21, and why:
 * - learning_rate 2e-4 (TRL 2e-5): TRL's suits training all weights; adapters need about ten times that.
 * - lora.r 16, lora.lora_alpha 32, target_modules all-linear (PEFT 8, 8, q and v): the usual settings for fine-tuning.
 * - per_device_train_batch_size 4 (8): fits ordinary machines.
 * - save_steps 100, save_total_limit 3 (500, all): an interrupted run loses less, and the disk does not fill.
 * - logging_steps 1 (10): a line costs nothing here.
 */
import { z } from 'zod';
import { datasetFormatSchema, encodingSchema, pairStyleSchema } from './dataset.ts';

export const RECIPE_VERSION = 1;

export const FIELD_GROUPS = ['model', 'data', 'adapter', 'training', 'optimizer', 'saving'] as const;
export type FieldGroup = (typeof FIELD_GROUPS)[number];

interface FieldNotes {
  readonly label: string;
  /** One sentence for a person who has not trained a model before. */
  readonly help: string;
  readonly group: FieldGroup;
  readonly unit?: string;
  /** Shown only on request. */
  readonly advanced?: true;
}

function field<T extends z.ZodType>(schema: T, { label, help, group, unit, advanced }: FieldNotes): T {
  return schema.meta({
    title: label,
    description: help,
    'x-group': group,
    'x-level': advanced ? 'advanced' : 'basic',
    ...(unit === undefined ? {} : { 'x-unit': unit }),
  });
}

const path = z.string().min(1).max(4096);
const count = z.int().min(1);
const seed = z.int().min(0).max(0xffff_ffff);
/** Warm-up as transformers 5 reads it: below 1 a share of all steps, else a number of steps whose fraction is dropped. */
const warmup = z.number();
/** Steps as a whole number, or a share of all steps between 0 and 1, as transformers reads `save_steps`. */
const stepsOrShare = z.number().refine((x) => Number.isInteger(x) || (x > 0 && x < 1), {
  error: 'must be a whole number of steps, or a share of all steps between 0 and 1',
});

const datasetSchema = z.strictObject({
  file: field(path, { label: 'Dataset file', group: 'data', help: 'The JSON, JSONL or CSV file with the examples to learn from.' }),
  format: field(z.enum(['auto', ...datasetFormatSchema.options]).default('auto'), {
    label: 'Format', group: 'data', help: 'How the columns of the file are to be read; auto decides by their names.',
  }),
  mapping: field(z.record(z.string(), z.string().min(1)).nullable().default(null), {
    label: 'Column names', group: 'data', advanced: true,
    help: 'Which column of the file holds each column of the format, where the names differ, such as {"prompt": "question"}.',
  }),
  pairs: field(pairStyleSchema.default('chat'), {
    label: 'Questions and answers', group: 'data', advanced: true,
    help: 'How a question and its answer are written: as the turns of a chat (plain text where the model has no chat template), as plain text, or under the headings of the tutorials (### Instruction:, ### 指令:).',
  }),
  encoding: field(z.enum(['auto', ...encodingSchema.options]).default('auto'), {
    label: 'Text encoding', group: 'data', advanced: true, help: 'How the characters of the file are written; auto finds it by the bytes and says so where it is not UTF-8.',
  }),
});

const loraSchema = z.strictObject({
  r: field(z.int().min(1).max(1024).default(16), {
    label: 'Rank', group: 'adapter', help: 'Size of the adapter; more can learn more and takes more memory.',
  }),
  lora_alpha: field(z.number().positive().default(32), {
    label: 'Alpha', group: 'adapter', help: 'Strength of the adapter; its output is scaled by alpha divided by the rank.',
  }),
  lora_dropout: field(z.number().min(0).lt(1).default(0), {
    label: 'Dropout', group: 'adapter', advanced: true,
    help: 'Share of the adapter\'s inputs that is switched off at random while training, against learning by heart.',
  }),
  use_rslora: field(z.boolean().default(false), {
    label: 'Rank-stabilised scaling', group: 'adapter', advanced: true,
    help: 'Scales by alpha divided by the square root of the rank, which suits large ranks.',
  }),
  target_modules: field(
    z.union([z.literal('all-linear'), z.array(z.string().min(1)).min(1)], {
      error: 'must be "all-linear" or a list of module names such as ["q_proj", "v_proj"]',
    }).default('all-linear'),
    { label: 'Adapted layers', group: 'adapter', advanced: true, help: 'Which linear layers get an adapter: all of them, or those whose names are listed.' },
  ),
});

export const recipeSchema = z.strictObject({
  version: field(z.literal(RECIPE_VERSION).default(RECIPE_VERSION), {
    label: 'Recipe version', group: 'model', advanced: true, help: 'Version of this file\'s layout; older ones are brought up to date on reading.',
  }),
  model: field(path, { label: 'Model folder', group: 'model', help: 'The folder of the model to fine-tune, with config.json, safetensors weights and tokenizer.' }),
  adapter: field(path.nullable().default(null), {
    label: 'Start from adapter', group: 'model', advanced: true,
    help: 'A PEFT LoRA adapter folder to go on training; rank, alpha and layers then come from it.',
  }),
  dataset: datasetSchema,
  loss: field(z.enum(['auto', 'completion', 'assistant', 'all']).default('auto'), {
    label: 'Learn from', group: 'data',
    help: 'Which part of each example is learned. Automatic (auto): the completion where there is one, the assistant\'s turns of a conversation, all of a plain text.',
  }),
  max_length: field(z.int().min(2).max(1_048_576).default(1024), {
    label: 'Longest example', group: 'data', unit: 'tokens', help: 'Longer examples are cut at the end.',
  }),
  chat_template: field(z.string().min(1).max(200_000).nullable().default(null), {
    label: 'Chat template', group: 'data', advanced: true, help: 'How a conversation is written as one text: as the model\'s own template does, or by one that comes with the program (chatml, alpaca, vicuna, llama2, zephyr, plain), or by Jinja text of yours.',
  }),
  eos_token: field(z.string().min(1).nullable().default(null), {
    label: 'End token', group: 'data', advanced: true, help: 'Token that ends an example, if not the tokenizer\'s own; it must be in the vocabulary.',
  }),
  pad_to_multiple_of: field(z.int().min(1).max(4096).nullable().default(null), {
    label: 'Pad to a multiple of', group: 'data', unit: 'tokens', advanced: true, help: 'Rounds the padded length of a batch up; it changes speed, not results.',
  }),
  lora: loraSchema.prefault({}),
  num_train_epochs: field(z.number().min(0).max(100_000).default(3), {
    label: 'Epochs', group: 'training', unit: 'passes', help: 'How many times the run goes over the whole dataset; fractions are allowed.',
  }),
  max_steps: field(z.int().min(-1).default(-1), {
    label: 'Steps', group: 'training', unit: 'steps', advanced: true, help: 'Number of optimiser steps, whatever the epochs say; -1 lets the epochs decide.',
  }),
  per_device_train_batch_size: field(count.max(65_536).default(4), {
    label: 'Batch size', group: 'training', unit: 'examples', help: 'Examples computed at once; the main lever on memory.',
  }),
  gradient_accumulation_steps: field(count.max(65_536).default(1), {
    label: 'Gradient accumulation', group: 'training', unit: 'batches', help: 'Batches gathered for one optimiser step; a larger effective batch without more memory.',
  }),
  train_sampling_strategy: field(z.enum(['random', 'sequential']).default('random'), {
    label: 'Order of examples', group: 'training', advanced: true, help: 'Shuffled anew in each epoch, or in the order of the file.',
  }),
  learning_rate: field(z.number().positive().max(10).default(2e-4), {
    label: 'Learning rate', group: 'optimizer', help: 'How far each step moves the adapter; too high diverges, too low learns nothing.',
  }),
  lr_scheduler_type: field(z.enum(['linear', 'cosine', 'constant', 'constant_with_warmup']).default('linear'), {
    label: 'Schedule', group: 'optimizer', help: 'How the learning rate falls over the run.',
  }),
  warmup_steps: field(warmup.min(0).default(0), {
    label: 'Warm-up', group: 'optimizer', unit: 'steps', help: 'Steps in which the learning rate rises from zero; below 1, a share of all steps.',
  }),
  weight_decay: field(z.number().min(0).max(1).default(0), {
    label: 'Weight decay', group: 'optimizer', advanced: true, help: 'Pulls the adapter towards zero a little at each step.',
  }),
  adam_beta1: field(z.number().min(0).lt(1).default(0.9), {
    label: 'Adam beta 1', group: 'optimizer', advanced: true, help: 'Memory of the running mean of the gradient.',
  }),
  adam_beta2: field(z.number().min(0).lt(1).default(0.999), {
    label: 'Adam beta 2', group: 'optimizer', advanced: true, help: 'Memory of the running mean of the squared gradient.',
  }),
  adam_epsilon: field(z.number().positive().max(1).default(1e-8), {
    label: 'Adam epsilon', group: 'optimizer', advanced: true, help: 'Keeps the division by the root of the squared gradient finite.',
  }),
  max_grad_norm: field(z.number().min(0).default(1), {
    label: 'Gradient clipping', group: 'optimizer', advanced: true, help: 'Longest gradient a step may use; 0 switches clipping off.',
  }),
  precision: field(z.enum(['auto', 'f32', 'bf16']).default('auto'), {
    label: 'Precision', group: 'training', advanced: true, help: 'Number format of the base model\'s arithmetic; auto takes what the device does well. The adapter is always float32.',
  }),
  seed: field(seed.default(42), { label: 'Seed', group: 'training', help: 'The same seed gives the same run on the same machine.' }),
  data_seed: field(seed.nullable().default(null), {
    label: 'Seed of the order', group: 'training', advanced: true, help: 'Seed of the shuffling alone, if it should differ from the seed.',
  }),
  logging_steps: field(count.default(1), {
    label: 'Log every', group: 'saving', unit: 'steps', advanced: true, help: 'Steps between two lines of the log.',
  }),
  save_steps: field(stepsOrShare.positive().default(100), {
    label: 'Save every', group: 'saving', unit: 'steps', help: 'Steps between two checkpoints; below 1, a share of all steps.',
  }),
  save_total_limit: field(count.nullable().default(3), {
    label: 'Checkpoints kept', group: 'saving', help: 'Older checkpoints are removed; empty keeps all.',
  }),
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
