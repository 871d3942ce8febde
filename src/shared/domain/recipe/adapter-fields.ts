/** @file The adapter. */
import { z } from 'zod';
import { field } from './field.ts';

/** An adapter that is trained further brings its own. */
const appliesWhen = { field: 'adapter', is: [null] } as const;

const loraSchema = z.strictObject({
  r: field(z.int().min(1).max(1024).default(16), {
    label: 'Rank',
    group: 'adapter',
    appliesWhen,
    help: 'Size of the adapter; more can learn more and takes more memory.',
  }),
  lora_alpha: field(z.number().positive().default(32), {
    label: 'Alpha',
    group: 'adapter',
    appliesWhen,
    help: 'Strength of the adapter; its output is scaled by alpha divided by the rank.',
  }),
  lora_dropout: field(z.number().min(0).lt(1).default(0), {
    label: 'Dropout',
    group: 'adapter',
    advanced: true,
    appliesWhen: { field: 'finetuning_type', is: ['lora'] },
    help: "Share of the adapter's inputs that is switched off at random while training, against learning by heart.",
  }),
  use_rslora: field(z.boolean().default(false), {
    label: 'Rank-stabilised scaling',
    group: 'adapter',
    advanced: true,
    appliesWhen,
    help: 'Scales by alpha divided by the square root of the rank, which suits large ranks.',
  }),
  target_modules: field(
    z
      .union([z.literal('all-linear'), z.array(z.string().min(1)).min(1)], {
        error: 'must be "all-linear" or a list of module names such as ["q_proj", "v_proj"]',
      })
      .default('all-linear'),
    {
      label: 'Adapted layers',
      group: 'adapter',
      advanced: true,
      appliesWhen,
      help: 'Which linear layers get an adapter: all of them, or those whose names are listed.',
    },
  ),
  modules_to_save: field(z.array(z.string().min(1)).min(1).nullable().default(null), {
    label: 'Trained whole beside it',
    group: 'adapter',
    advanced: true,
    appliesWhen,
    help: 'Modules (embed_tokens, lm_head or both) that are trained as a whole and saved with the adapter, so that new words can be learned. Where a model uses one table for both, each that is named gets a copy of its own, as in PEFT.',
  }),
});

export const adapterFields = {
  lora: loraSchema.prefault({}),
};
