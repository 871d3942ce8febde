/** @file How long and in which portions. */
import { z } from 'zod';
import { count, field, seed } from './field.ts';

export const trainingFields = {
  num_train_epochs: field(z.number().min(0).max(100_000).default(3), {
    label: 'Epochs',
    group: 'training',
    unit: 'passes',
    help: 'How many times the run goes over the whole dataset; fractions are allowed.',
  }),
  max_steps: field(z.int().min(-1).default(-1), {
    label: 'Steps',
    group: 'training',
    unit: 'steps',
    advanced: true,
    help: 'Number of optimiser steps, whatever the epochs say; -1 lets the epochs decide.',
  }),
  per_device_train_batch_size: field(count.max(65_536).default(4), {
    label: 'Batch size',
    group: 'training',
    unit: 'examples',
    help: 'Examples computed at once; the main lever on memory.',
  }),
  gradient_accumulation_steps: field(count.max(65_536).default(1), {
    label: 'Gradient accumulation',
    group: 'training',
    unit: 'batches',
    help: 'Batches gathered for one optimiser step; a larger effective batch without more memory.',
  }),
  train_sampling_strategy: field(z.enum(['random', 'sequential']).default('random'), {
    label: 'Order of examples',
    group: 'training',
    advanced: true,
    help: 'Shuffled anew in each epoch, or in the order of the file.',
  }),
  gradient_checkpointing: field(z.enum(['auto', 'none', 'per_layer']).default('auto'), {
    label: 'Gradient checkpointing',
    group: 'training',
    advanced: true,
    help: 'Whether what a layer computed is kept for learning or computed again there: much less memory, about a quarter slower, the same result. Automatic: again only where a GPU has too little memory.',
  }),
  precision: field(z.enum(['auto', 'f32', 'bf16']).default('auto'), {
    label: 'Precision',
    group: 'training',
    advanced: true,
    help: "Number format of the base model's arithmetic; auto takes what the device does well. The adapter is always float32.",
  }),
  seed: field(seed.default(42), { label: 'Seed', group: 'training', help: 'The same seed gives the same run on the same machine.' }),
  data_seed: field(seed.nullable().default(null), {
    label: 'Seed of the order',
    group: 'training',
    advanced: true,
    help: 'Seed of the shuffling alone, if it should differ from the seed.',
  }),
};
