/**
 * @file Settings that are allowed and almost surely not meant: one table, said beside the field on the page and by the command line
 * before the run. Bounds are wide of what guides and papers on LoRA use, so that what is said is worth reading.
 */
import type { Said } from '../../lib/said.ts';
import { sayIn } from '../../lib/said.ts';
import type { RecipeSettings } from './recipe.ts';

export interface AdviceFacts {
  /** Optimiser steps of the run. */
  readonly steps: number | null;
  readonly rows: number | null;
  /** Tokens that the model was made for. */
  readonly positions: number | null;
  /** Tokens of the longest row. */
  readonly longest: number | null;
}

export interface Advice extends Said {
  /** Of the field it is said beside. */
  readonly path: string;
}

export const ADVICE_WORDS = {
  rateHigh: 'Very high: adapters usually learn at 0.00005 to 0.001. The loss will most likely blow up.',
  rateLow: 'Very low: adapters usually learn at 0.00005 to 0.001. Hardly anything will be learned.',
  warmupLong: 'The run has only {{steps}}: the learning rate never reaches its full value.',
  warmupHalf: 'More than half of the run ({{steps}}) is warm-up.',
  warmupFloor: 'Counted as {{count}}: a part of a step is dropped, as in transformers.',
  batchHigh: 'A very large batch: 1 to 32 is usual. Memory grows with it.',
  batchBeyondRows: 'The dataset has only {{rows}}: every pass is a single step.',
  rankHigh: 'A very large rank: 4 to 128 is usual. It takes memory and seldom learns more.',
  alphaHigh: 'Alpha is {{times}} times the rank; once or twice is usual. It acts like a learning rate that much higher.',
  alphaLow: 'Alpha is far below the rank: the adapter will hardly be felt.',
  dropoutHigh: 'A very high dropout: 0 to 0.1 is usual.',
  epochsMany: 'Very many passes: 1 to 5 is usual. The model will learn the rows by heart.',
  stepsMany: 'This goes over the dataset {{passes}} times; 1 to 5 is usual. The model will learn the rows by heart.',
  lengthBeyond: 'The model was made for {{positions}}: examples longer than that are trained badly.',
  lengthShort: 'Very short: most examples will be cut.',
  decayHigh: 'A very high weight decay: 0 to 0.1 is usual.',
  betaLow: 'Very low: 0.9 to 0.999 is usual. Steps will be noisy.',
  epsilonHigh: 'Very large: it will slow learning down. 1e-8 is usual.',
  clipLow: 'Almost every step will be shortened: 0.3 to 1 is usual.',
  logRare: 'The run has only {{steps}}: nothing is logged before the end.',
} as const;

type Values = Readonly<Record<string, string>>;

interface Rule {
  readonly path: string;
  readonly code: keyof typeof ADVICE_WORDS;
  /** Values for the words where it applies, else null. */
  readonly applies: (settings: RecipeSettings, facts: AdviceFacts) => Values | null;
}

const when = (condition: boolean, values: Values = {}) => (condition ? values : null);
const counted = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
const warmupOf = (warmup: number, steps: number) => (warmup >= 1 ? Math.floor(warmup) : Math.ceil(warmup * steps));

const RULES: readonly Rule[] = [
  { path: 'learning_rate', code: 'rateHigh', applies: ({ learning_rate: rate, optim }) => when(optim !== 'sgd' && rate > 0.01) },
  { path: 'learning_rate', code: 'rateLow', applies: ({ learning_rate: rate }) => when(rate < 1e-6) },
  {
    path: 'warmup_steps',
    code: 'warmupLong',
    applies: ({ warmup_steps: warmup }, { steps }) =>
      steps === null ? null : when(warmup > 0 && warmupOf(warmup, steps) >= steps, { steps: counted(steps, 'step') }),
  },
  {
    path: 'warmup_steps',
    code: 'warmupHalf',
    applies: ({ warmup_steps: warmup }, { steps }) =>
      steps === null ? null : when(warmupOf(warmup, steps) > steps / 2 && warmupOf(warmup, steps) < steps, { steps: counted(steps, 'step') }),
  },
  {
    path: 'warmup_steps',
    code: 'warmupFloor',
    applies: ({ warmup_steps: warmup }) => when(warmup > 1 && !Number.isInteger(warmup), { count: counted(Math.floor(warmup), 'step') }),
  },
  { path: 'per_device_train_batch_size', code: 'batchHigh', applies: ({ per_device_train_batch_size: batch }) => when(batch > 128) },
  {
    path: 'per_device_train_batch_size',
    code: 'batchBeyondRows',
    applies: ({ per_device_train_batch_size: batch, gradient_accumulation_steps: more }, { rows }) =>
      rows === null ? null : when(batch * more > rows && batch * more > 8, { rows: counted(rows, 'row') }),
  },
  { path: 'lora.r', code: 'rankHigh', applies: ({ lora }) => when(lora.r > 256) },
  {
    path: 'lora.lora_alpha',
    code: 'alphaHigh',
    applies: ({ lora }) => when(lora.lora_alpha > 8 * lora.r, { times: String(Math.round(lora.lora_alpha / lora.r)) }),
  },
  { path: 'lora.lora_alpha', code: 'alphaLow', applies: ({ lora }) => when(lora.lora_alpha * 8 < lora.r) },
  { path: 'lora.lora_dropout', code: 'dropoutHigh', applies: ({ lora }) => when(lora.lora_dropout >= 0.5) },
  { path: 'num_train_epochs', code: 'epochsMany', applies: ({ num_train_epochs: epochs, max_steps: most }) => when(most === -1 && epochs >= 30) },
  {
    path: 'max_steps',
    code: 'stepsMany',
    applies: ({ max_steps: most, per_device_train_batch_size: batch, gradient_accumulation_steps: more }, { rows }) => {
      const passes = rows === null || rows === 0 || most === -1 ? 0 : (most * batch * more) / rows;
      return when(passes >= 30, { passes: String(Math.round(passes)) });
    },
  },
  {
    path: 'max_length',
    code: 'lengthBeyond',
    applies: ({ max_length: length }, { positions, longest }) =>
      positions === null || longest === null ? null : when(length > positions && longest > positions, { positions: counted(positions, 'token') }),
  },
  { path: 'max_length', code: 'lengthShort', applies: ({ max_length: length }) => when(length < 16) },
  { path: 'weight_decay', code: 'decayHigh', applies: ({ weight_decay: decay }) => when(decay > 0.5) },
  { path: 'adam_beta1', code: 'betaLow', applies: ({ adam_beta1: beta }) => when(beta < 0.5) },
  { path: 'adam_beta2', code: 'betaLow', applies: ({ adam_beta2: beta }) => when(beta < 0.8) },
  { path: 'adam_epsilon', code: 'epsilonHigh', applies: ({ adam_epsilon: epsilon }) => when(epsilon > 1e-3) },
  { path: 'max_grad_norm', code: 'clipLow', applies: ({ max_grad_norm: norm }) => when(norm > 0 && norm < 0.01) },
  {
    path: 'logging_steps',
    code: 'logRare',
    applies: ({ logging_steps: every }, { steps }) => (steps === null ? null : when(every > steps, { steps: counted(steps, 'step') })),
  },
];

export function adviceOf(settings: RecipeSettings, facts: AdviceFacts): readonly Advice[] {
  return RULES.flatMap(({ path, code, applies }) => {
    const values = applies(settings, facts);
    return values === null ? [] : [{ path, code, values }];
  });
}

/** For the command line: `warmup_steps 100: The run has only 3 steps: ...` */
export function adviceLines(settings: RecipeSettings, facts: AdviceFacts): readonly string[] {
  return adviceOf(settings, facts).map((advice) => {
    const value = advice.path.split('.').reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>>)[key], settings);
    return `${advice.path} ${String(value)}: ${sayIn(ADVICE_WORDS, advice)}`;
  });
}
