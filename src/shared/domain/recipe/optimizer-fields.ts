/** @file The optimiser and its learning rate. */
import { z } from 'zod';
import { field } from './field.ts';

/** Warm-up as transformers 5 reads it: below 1 a share of all steps, else a number of steps whose fraction is dropped. */
const warmup = z.number();

const ofAdam = { field: 'optim', is: ['adamw_torch'] } as const;
const ofSgd = { field: 'optim', is: ['sgd'] } as const;

export const optimizerFields = {
  optim: field(z.enum(['adamw_torch', 'sgd', 'adafactor']).default('adamw_torch'), {
    label: 'Optimiser',
    group: 'optimizer',
    advanced: true,
    help: 'How a gradient becomes a step: AdamW (adamw_torch) suits nearly everything; adafactor keeps far less memory; sgd keeps least and needs a learning rate of its own, some hundred times higher.',
  }),
  learning_rate: field(z.number().positive().max(10).default(2e-4), {
    label: 'Learning rate',
    group: 'optimizer',
    otherDefault: { when: { field: 'finetuning_type', is: ['full'] }, value: 2e-5 },
    help: 'How far each step moves what is trained; too high diverges, too low learns nothing. Adapters take about ten times that of all weights.',
  }),
  lr_scheduler_type: field(z.enum(['linear', 'cosine', 'constant', 'constant_with_warmup']).default('linear'), {
    label: 'Schedule',
    group: 'optimizer',
    help: 'How the learning rate falls over the run.',
  }),
  warmup_steps: field(warmup.min(0).default(0), {
    label: 'Warm-up',
    group: 'optimizer',
    unit: 'steps',
    help: 'Steps in which the learning rate rises from zero; below 1, a share of all steps.',
  }),
  weight_decay: field(z.number().min(0).max(1).default(0), {
    label: 'Weight decay',
    group: 'optimizer',
    advanced: true,
    help: 'Pulls what is trained towards zero a little at each step; norms and biases are spared.',
  }),
  momentum: field(z.number().min(0).lt(1).default(0), {
    label: 'Momentum',
    group: 'optimizer',
    advanced: true,
    appliesWhen: ofSgd,
    help: 'Share of the last step that is added to the next; 0.9 is usual, 0 keeps nothing.',
  }),
  nesterov: field(z.boolean().default(false), {
    label: 'Nesterov momentum',
    group: 'optimizer',
    advanced: true,
    appliesWhen: ofSgd,
    help: 'Looks ahead along the momentum; it needs a momentum above 0.',
  }),
  adam_beta1: field(z.number().min(0).lt(1).default(0.9), {
    label: 'Adam beta 1',
    group: 'optimizer',
    advanced: true,
    appliesWhen: ofAdam,
    help: 'Memory of the running mean of the gradient.',
  }),
  adam_beta2: field(z.number().min(0).lt(1).default(0.999), {
    label: 'Adam beta 2',
    group: 'optimizer',
    advanced: true,
    appliesWhen: ofAdam,
    help: 'Memory of the running mean of the squared gradient.',
  }),
  adam_epsilon: field(z.number().positive().max(1).default(1e-8), {
    label: 'Adam epsilon',
    group: 'optimizer',
    advanced: true,
    appliesWhen: ofAdam,
    help: 'Keeps the division by the root of the squared gradient finite.',
  }),
  max_grad_norm: field(z.number().min(0).default(1), {
    label: 'Gradient clipping',
    group: 'optimizer',
    advanced: true,
    help: 'Longest gradient a step may use; 0 switches clipping off.',
  }),
};
