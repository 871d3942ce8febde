import { expect, it } from 'vitest';
import type { AppError } from '../../lib/app-error.ts';
import { readPastedRecipe } from './pasted.ts';
import { ALIASES, LORA_ALIASES } from './alias-table.ts';
import { describeFields } from './described-fields.ts';
import { parseRecipe } from './parse.ts';

const PLACE = { model: 'm', dataset: { file: 'd.jsonl' } };

function problemsOf(recipe: unknown): readonly string[] {
  try {
    parseRecipe(recipe);
    return [];
  } catch (error) {
    return (error as AppError).data?.['problems'] as readonly string[];
  }
}

const TRL = {
  model_name_or_path: 'M',
  dataset: 'd.jsonl',
  output_dir: 'out',
  per_device_train_batch_size: 1,
  learning_rate: 2e-4,
  num_train_epochs: 2,
  max_seq_length: 256,
  save_strategy: 'epoch',
  bf16: false,
  tf32: true,
  gradient_checkpointing: true,
  packing: false,
  dataset_text_field: 'text',
  report_to: 'none',
  push_to_hub: false,
  lora_r: 8,
  lora_target_modules: 'all-linear',
  use_peft: true,
  torch_dtype: 'bfloat16',
  attn_implementation: 'sdpa',
  optim: 'adamw_torch',
  lr_scheduler_type: 'cosine',
  warmup_ratio: 0.1,
  save_steps: 500,
  use_liger_kernel: true,
  torch_compile: false,
  eval_dataset: null,
};
const LLAMA_FACTORY = {
  model_name_or_path: 'M',
  dataset: 'd.jsonl',
  stage: 'sft',
  do_train: true,
  finetuning_type: 'lora',
  lora_rank: 8,
  lora_target: 'q_proj,v_proj',
  template: 'qwen',
  cutoff_len: 256,
  overwrite_cache: true,
  preprocessing_num_workers: 16,
  plot_loss: true,
  ddp_timeout: 180_000_000,
  learning_rate: '1.0e-4',
  bf16: true,
  eval_strategy: 'no',
  val_size: 0,
};
const AXOLOTL = {
  base_model: 'M',
  datasets: [{ path: 'd.jsonl', type: 'chat_template' }],
  adapter: 'lora',
  lora_r: 8,
  lora_alpha: 16,
  lora_target_linear: true,
  sequence_len: 256,
  micro_batch_size: 1,
  gradient_accumulation_steps: 2,
  num_epochs: 1,
  optimizer: 'adamw_bnb_8bit',
  lr_scheduler: 'cosine',
  train_on_inputs: false,
  bf16: 'auto',
  saves_per_epoch: 4,
  chat_template: 'tokenizer_default',
  special_tokens: {},
  wandb_project: null,
};
const PEFT = {
  ...PLACE,
  lora: {
    r: 8,
    lora_alpha: 16,
    bias: 'none',
    task_type: 'CAUSAL_LM',
    target_modules: ['q_proj', 'v_proj'],
    init_lora_weights: true,
    modules_to_save: null,
    rank_pattern: {},
  },
  learning_rate: '2e-4',
  max_steps: 1,
};

it.each<readonly [string, unknown, object]>([
  [
    'TRL',
    TRL,
    {
      model: 'M',
      gradient_checkpointing: 'per_layer',
      max_length: 256,
      save_steps: 0.5,
      warmup_steps: 0.1,
      lora: { r: 8, target_modules: 'all-linear' },
      precision: 'auto',
    },
  ],
  [
    'LLaMA-Factory',
    LLAMA_FACTORY,
    { max_length: 256, learning_rate: 1e-4, precision: 'bf16', lora: { r: 8, target_modules: ['q_proj', 'v_proj'] }, loss: 'auto' },
  ],
  [
    'axolotl',
    AXOLOTL,
    {
      model: 'M',
      dataset: { file: 'd.jsonl', format: 'auto' },
      adapter: null,
      per_device_train_batch_size: 1,
      num_train_epochs: 1,
      max_length: 256,
      lr_scheduler_type: 'cosine',
      save_steps: 0.25,
      chat_template: null,
      lora: { r: 8, lora_alpha: 16, target_modules: 'all-linear' },
    },
  ],
  ['PEFT', PEFT, { learning_rate: 2e-4, lora: { r: 8, lora_alpha: 16, target_modules: ['q_proj', 'v_proj'] } }],
])('a configuration of %s can be pasted as it is, and every key that was not ours is told', (_name, pasted, expected) => {
  const { recipe, notices } = parseRecipe(pasted);
  expect(recipe).toMatchObject(expected);
  const ours = new Set(describeFields().flatMap(({ path }) => [path.split('.')[0]!, path]));
  for (const key of Object.keys(pasted as object)) {
    // save_steps beside save_strategy "epoch" is ignored by transformers too; that sentence tells of both.
    if (!ours.has(key)) expect(notices.join('\n')).toMatch(new RegExp(`(^|\\n)${key}\\b`));
  }
});

it.each<readonly [Record<string, unknown>, RegExp]>([
  [{ push_to_hub: true }, /^push_to_hub true is not supported: nothing is sent anywhere$/],
  [{ load_best_model_at_end: true }, /^load_best_model_at_end needs evaluations/],
  [{ early_stopping_patience: 2 }, /^early_stopping_patience needs evaluations/],
  [{ eval_strategy: 'steps', val_size: 0 }, /^val_size 0 holds nothing out/],
  [{ eval_strategy: 'epoch', metric_for_best_model: 'eval_loss', greater_is_better: true }, /^greater_is_better true is not supported for loss/],
  [{ eval_delay: 3 }, /^eval_delay 3 is not supported/],
  [{ full_finetuning: 'yes' }, /^full_finetuning must be true or false/],
  [{ finetuning_type: 'freeze' }, /^finetuning_type \(What is trained\) must be "lora" or "full"/],
  [{ max_samples: 1000 }, /^max_samples 1000 is not supported/],
  [{ lora: { bias: 'all' } }, /^lora\.bias "all" is not supported/],
  [{ lora: { rank_pattern: { a: 1 } } }, /^lora\.rank_pattern/],
  [{ adapter: 'qlora' }, /^adapter "qlora" is not supported/],
  [{ chat_template: 'chatml' }, /^chat_template "chatml" is not supported: give the text/],
  [{ optimizer: 'lion' }, /^optimizer "lion" is not supported: only adamw_torch, sgd and adafactor are$/],
  [{ datasets: [{ path: 'a' }, { path: 'b' }], dataset: undefined }, /^datasets with 2 entries/],
  [{ special_tokens: { eos_token: 'x' } }, /^special_tokens .* is not supported$/],
  [{ lr_scheduler_kwargs: { num_cycles: 2 } }, /^lr_scheduler_kwargs/],
])('refuses %j by name and reason, and suggests nothing', (extra, message) => {
  const problems = problemsOf({ ...PLACE, ...extra });
  expect(problems[0]).toMatch(message);
  expect(problems.join()).not.toContain('did you mean');
});

it('suggests no far name', () => {
  for (const key of ['zeta_batch', 'optimiser', 'warp', 'x', 'lorax_y', 'microbatch', 'stages']) {
    const [problem] = problemsOf({ ...PLACE, [key]: 1 });
    expect(problem).not.toMatch(/did you mean (?:r|lora)\?/);
  }
});

it('no alias stands before a field of ours, and each leads to one', () => {
  const paths = new Set(describeFields().map(({ path }) => path));
  for (const [name, alias] of [
    ...Object.entries(ALIASES),
    ...Object.entries(LORA_ALIASES).map(([name, alias]) => [`lora.${name}`, alias] as const),
  ]) {
    expect(paths, name).not.toContain(name);
    if (alias.kind === 'renamed' || alias.kind === 'converted') expect(paths, name).toContain(alias.to);
  }
});

it('a configuration of TRL keeps its meaning of the loss: conversations as a whole', () => {
  const trl = { output_dir: 'o', bf16: true, ...PLACE };
  const inFormat = (format: string, more = {}) => parseRecipe({ ...trl, dataset: { file: 'd', format }, ...more });
  expect(inFormat('messages')).toMatchObject({
    recipe: { loss: 'all' },
    notices: expect.arrayContaining([expect.stringMatching(/one of TRL, which learns conversations as a whole/)]),
  });
  expect(inFormat('prompt-completion').recipe.loss).toBe('auto');
  expect(inFormat('messages', { assistant_only_loss: true }).recipe.loss).toBe('assistant');
  expect(inFormat('messages', { assistant_only_loss: false }).recipe.loss).toBe('all');
  // Ours, and others', stay what they are.
  for (const other of [{}, { bf16: true }, { output_dir: 'o', bf16: true, cutoff_len: 9 }])
    expect(parseRecipe({ ...PLACE, dataset: { file: 'd', format: 'messages' }, ...other }).recipe.loss).toBe('auto');
});

it('reads what is pasted on the page: settings alone, with the dataset chosen there', () => {
  const read = readPastedRecipe(JSON.stringify(TRL), 'conversations');
  expect(read).toMatchObject({ kind: 'read', recipe: { loss: 'all', max_length: 256 } });
  expect(read.kind === 'read' && read.notices.join()).not.toContain('is read as model');
  expect(readPastedRecipe('{"learning_rate": 1e-3}', null)).toMatchObject({ kind: 'read', recipe: { learning_rate: 1e-3 }, notices: [] });
});

it.each([
  ['model: x\nlr: 1', 'This looks like YAML. Only JSON can be pasted: convert it first.'],
  ['{', 'This is not valid JSON.'],
  ['{"seed": 1, "seed": 2}', '“seed” stands there twice. Remove one of them.'],
  ['[]', 'the recipe must be an object with named values.'],
  ['{"learning_rte": 1}', 'learning_rte is not a field of the recipe; did you mean learning_rate?'],
  [' '.repeat(1_000_001), 'This is too long to be a configuration.'],
])('refuses to paste %.30j', (text, problem) => {
  expect(readPastedRecipe(text, null)).toEqual({ kind: 'refused', problems: [problem] });
});

it.each<readonly [Record<string, unknown>, string, number]>([
  [{ finetuning_type: 'lora' }, 'lora', 2e-4],
  [{ finetuning_type: 'full' }, 'full', 2e-5],
  [{ full_finetuning: true }, 'full', 2e-5],
  [{ full_finetuning: false }, 'lora', 2e-4],
  [{ use_peft: true }, 'lora', 2e-4],
  [{ use_peft: false }, 'full', 2e-5],
  [{ use_peft: false, learning_rate: 1e-4 }, 'full', 1e-4],
])('%j trains %s at %d', (given, trained, rate) => {
  const { recipe, notices } = parseRecipe({ ...PLACE, ...given });
  expect([recipe.finetuning_type, recipe.learning_rate]).toEqual([trained, rate]);
  // Told where nobody said it.
  expect(notices.some((notice) => /^learning_rate is 0\.00002, the usual value where finetuning_type is "full"\.$/.test(notice))).toBe(rate === 2e-5);
});

it('full training has no adapter: what is set for one is told to be of no use', () => {
  const { notices } = parseRecipe({ ...PLACE, finetuning_type: 'full', adapter: 'a', lora: { r: 4, lora_dropout: 0.1 } });
  for (const path of ['adapter', 'lora.r', 'lora.lora_dropout']) expect(notices.join('\n')).toContain(`${path} is not used: it applies where`);
});

it.each<readonly [Record<string, unknown>, string]>([
  [{ gradient_checkpointing: true }, 'per_layer'],
  [{ gradient_checkpointing: false }, 'none'],
  [{ use_gradient_checkpointing: 'unsloth' }, 'per_layer'],
  [{ gradient_checkpointing: null }, 'auto'],
  [{ gradient_checkpointing: 'none' }, 'none'],
  [{}, 'auto'],
])('gradient checkpointing: %j means %s', (extra, meant) => {
  expect(parseRecipe({ ...PLACE, ...extra }).recipe.gradient_checkpointing).toBe(meant);
});

it('gradient checkpointing in other words is refused', () => {
  expect(problemsOf({ ...PLACE, use_gradient_checkpointing: 'mostly' })[0]).toMatch(/^use_gradient_checkpointing "mostly" is not supported/);
  expect(problemsOf({ ...PLACE, gradient_checkpointing: 'mostly' })[0]).toMatch(/^gradient_checkpointing .*"auto", "none" or "per_layer"/);
});

it.each([
  { lora: { modules_to_save: ['embed_tokens', 'lm_head'] } },
  { lora_modules_to_save: ['embed_tokens', 'lm_head'] },
  { additional_target: 'embed_tokens,lm_head' },
])('%j trains both whole', (given) => {
  expect(parseRecipe({ ...PLACE, ...given }).recipe.lora.modules_to_save).toEqual(['embed_tokens', 'lm_head']);
});
