/** @file What is kept and told. */
import { count, field, stepsOrShare } from './field.ts';

export const savingFields = {
  logging_steps: field(count.default(1), {
    label: 'Log every',
    group: 'saving',
    unit: 'steps',
    advanced: true,
    help: 'Steps between two lines of the log and points of the curves; each holds the mean over its steps.',
  }),
  save_steps: field(stepsOrShare.positive().default(100), {
    label: 'Save every',
    group: 'saving',
    unit: 'steps',
    help: 'Steps between two checkpoints; below 1, a share of all steps.',
  }),
  save_total_limit: field(count.nullable().default(3), {
    label: 'Checkpoints kept',
    group: 'saving',
    help: 'Older checkpoints are removed; empty keeps all.',
  }),
};
