/** @file What is trained. */
import { z } from 'zod';
import { field, path, RECIPE_VERSION } from './field.ts';

export const modelFields = {
  version: field(z.literal(RECIPE_VERSION).default(RECIPE_VERSION), {
    label: 'Recipe version',
    group: 'model',
    advanced: true,
    help: "Version of this file's layout; older ones are brought up to date on reading.",
  }),
  model: field(path, {
    label: 'Model folder',
    group: 'model',
    help: 'The folder of the model to fine-tune, with config.json, safetensors weights and tokenizer.',
  }),
  finetuning_type: field(z.enum(['lora', 'full']).default('lora'), {
    label: 'What is trained',
    group: 'model',
    help: 'A small adapter beside the model (lora), or every weight of it (full): that can change more, takes several times the memory and gives a whole model.',
  }),
  adapter: field(path.nullable().default(null), {
    label: 'Start from adapter',
    group: 'model',
    advanced: true,
    appliesWhen: { field: 'finetuning_type', is: ['lora'] },
    help: 'A PEFT LoRA adapter folder to go on training; rank, alpha and layers then come from it.',
  }),
};
