/** @file What is held out and how often it is looked at. Steps, best checkpoint and early stopping are as transformers has them. */
import { z } from 'zod';
import { count, field, path, stepsOrShare } from './field.ts';

const appliesWhen = { field: 'eval_strategy', is: ['steps', 'epoch'] } as const;
/** What may decide, without `eval_`; which way is better is implied by the name, as in transformers. */
const DECIDING = ['loss', 'mean_token_accuracy', 'entropy'] as const;

export const evaluationFields = {
  eval_strategy: field(z.enum(['no', 'steps', 'epoch']).default('no'), {
    label: 'Evaluation',
    group: 'evaluation',
    help: 'Whether the model is tried on examples that it does not learn from: not at all, every so many steps, or after each epoch.',
  }),
  val_size: field(
    z
      .number()
      .positive()
      .max(1_000_000_000)
      .default(0.1)
      .refine((x) => x < 1 || Number.isInteger(x), { error: 'must be a share below 1, or a whole number of examples' }),
    {
      label: 'Held out',
      group: 'evaluation',
      appliesWhen,
      help: 'Examples kept from training for the evaluation: a share of them below 1, or a number; chosen by the seed.',
    },
  ),
  eval_dataset: field(path.nullable().default(null), {
    label: 'Evaluation file',
    group: 'evaluation',
    advanced: true,
    appliesWhen,
    help: 'A file of examples to evaluate on, read as the dataset is; with it nothing is held out.',
  }),
  eval_steps: field(stepsOrShare.positive().nullable().default(null), {
    label: 'Evaluate every',
    group: 'evaluation',
    unit: 'steps',
    appliesWhen: { field: 'eval_strategy', is: ['steps'] },
    help: 'Steps between two evaluations; below 1, a share of all steps; empty is as often as the log. The last step is always evaluated.',
  }),
  per_device_eval_batch_size: field(count.max(65_536).default(8), {
    label: 'Evaluation batch size',
    group: 'evaluation',
    unit: 'examples',
    advanced: true,
    appliesWhen,
    help: 'Examples evaluated at once. The loss of the evaluation is the mean over these batches, as TRL has it.',
  }),
  load_best_model_at_end: field(z.boolean().default(false), {
    label: 'End with the best',
    group: 'evaluation',
    appliesWhen,
    help: 'What the run yields is its best checkpoint by evaluation, not its last one; the best is saved whenever it is found, and kept.',
  }),
  metric_for_best_model: field(z.enum(DECIDING).nullable().default(null), {
    label: 'Best by',
    group: 'evaluation',
    advanced: true,
    appliesWhen,
    help: 'What decides which checkpoint is the best; empty is the loss. A loss is better when lower, anything else when higher.',
  }),
  early_stopping_patience: field(count.nullable().default(null), {
    label: 'Stop early after',
    group: 'evaluation',
    unit: 'evaluations',
    appliesWhen,
    help: 'The run ends after so many evaluations without an improvement; empty never ends it early.',
  }),
  early_stopping_threshold: field(z.number().min(0).default(0), {
    label: 'Least improvement',
    group: 'evaluation',
    advanced: true,
    appliesWhen,
    help: 'A smaller improvement does not count for stopping early.',
  }),
};
