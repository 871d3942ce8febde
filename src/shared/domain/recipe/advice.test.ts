import { expect, it } from 'vitest';
import { ADVICE_WORDS, adviceLines, adviceOf, type AdviceFacts } from './advice.ts';
import { describeFields } from './described-fields.ts';
import { recipeSettingsSchema } from './recipe.ts';

const NOTHING: AdviceFacts = { steps: null, rows: null, positions: null, longest: null };
const settings = (more: object) => recipeSettingsSchema.parse(more);

it.each<readonly [string, object, Partial<AdviceFacts>]>([
  ['rateHigh', { learning_rate: 5 }, {}],
  ['rateLow', { learning_rate: 2e-30 }, {}],
  ['warmupLong', { warmup_steps: 100 }, { steps: 3 }],
  ['warmupHalf', { warmup_steps: 0.6 }, { steps: 10 }],
  ['warmupFloor', { warmup_steps: 2.7 }, {}],
  ['batchHigh', { per_device_train_batch_size: 512 }, {}],
  ['batchBeyondRows', { per_device_train_batch_size: 8, gradient_accumulation_steps: 2 }, { rows: 12 }],
  ['rankHigh', { lora: { r: 512, lora_alpha: 512 } }, {}],
  ['alphaHigh', { lora: { r: 4, lora_alpha: 64 } }, {}],
  ['alphaLow', { lora: { r: 64, lora_alpha: 1 } }, {}],
  ['dropoutHigh', { lora: { lora_dropout: 0.9 } }, {}],
  ['epochsMany', { num_train_epochs: 100 }, {}],
  ['stepsMany', { max_steps: 1000 }, { rows: 40 }],
  ['lengthBeyond', { max_length: 1024 }, { positions: 512, longest: 600 }],
  ['lengthShort', { max_length: 4 }, {}],
  ['decayHigh', { weight_decay: 0.9 }, {}],
  ['betaLow', { adam_beta1: 0.1 }, {}],
  ['betaLow', { adam_beta2: 0.1 }, {}],
  ['epsilonHigh', { adam_epsilon: 0.1 }, {}],
  ['clipLow', { max_grad_norm: 1e-4 }, {}],
  ['logRare', { logging_steps: 50 }, { steps: 10 }],
])('%s: %j', (code, given, facts) => {
  expect(adviceOf(settings(given), { ...NOTHING, ...facts }).map((advice) => advice.code)).toEqual([code]);
});

it('says nothing of the defaults, of what guides advise, and of what is not known', () => {
  const ordinary = [
    {},
    { learning_rate: 1e-5 },
    { learning_rate: 1e-3 },
    { optim: 'sgd', learning_rate: 0.05, momentum: 0.9 },
    { lora: { r: 8, lora_alpha: 16, lora_dropout: 0.05 } },
    { lora: { r: 64, lora_alpha: 16 } },
    { num_train_epochs: 10 },
    { warmup_steps: 0.03, lr_scheduler_type: 'cosine' },
    { max_length: 8192 },
    { max_grad_norm: 0 },
    { per_device_train_batch_size: 64 },
  ];
  for (const each of ordinary) expect(adviceOf(settings(each), { steps: 300, rows: 1000, positions: 8192, longest: 9000 })).toEqual([]);
  // Room that no row needs harms nobody: nothing of the default's 1024 where all rows are shorter than the model's 512.
  expect(adviceOf(settings({}), { ...NOTHING, positions: 512, longest: 73 })).toEqual([]);
  expect(adviceOf(settings({ warmup_steps: 100, max_length: 100_000 }), NOTHING)).toEqual([]);
});

it('stands beside a field that there is, and every sentence is used', () => {
  const paths = new Set(describeFields().map(({ path }) => path));
  const all = adviceOf(settings({ learning_rate: 5 }), NOTHING);
  for (const { path } of all) expect(paths).toContain(path);
  for (const words of Object.values(ADVICE_WORDS)) expect(words).toMatch(/^[A-Z].*\.$/);
});

it('is a line of the command line', () => {
  expect(adviceLines(settings({ warmup_steps: 100 }), { ...NOTHING, steps: 1 })).toEqual([
    'warmup_steps 100: The run has only 1 step: the learning rate never reaches its full value.',
  ]);
});
