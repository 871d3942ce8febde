/** @file What other programs' configurations say by their form, or by several keys together: rewritten before single names are looked up. */
import { shortened } from '../../lib/shortened.ts';
import type { Outcome } from './aliases.ts';

type Raw = Record<string, unknown>;

/** Changes the configuration in place and tells what it did. */
type Form = (recipe: Raw) => readonly Outcome[];

const note = (text: string): Outcome => ({ isProblem: false, text });
const problem = (text: string): Outcome => ({ isProblem: true, text });

/** TRL's own, or transformers' as used with it; none of them is a field of ours. */
const TRL_SIGNS = [
  'output_dir',
  'bf16',
  'fp16',
  'report_to',
  'max_seq_length',
  'dataset_text_field',
  'use_peft',
  'lora_target_modules',
  'logging_strategy',
  'save_strategy',
  'push_to_hub',
  'torch_dtype',
  'attn_implementation',
  'model_name_or_path',
  'assistant_only_loss',
  'completion_only_loss',
  'warmup_ratio',
];
/** LLaMA-Factory's and axolotl's: both learn the answers alone, as we do. */
const OTHERS = [
  'stage',
  'cutoff_len',
  'lora_target',
  'lora_rank',
  'template',
  'train_on_prompt',
  'base_model',
  'micro_batch_size',
  'sequence_len',
  'num_epochs',
  'datasets',
  'train_on_inputs',
  'val_set_size',
  'sample_packing',
];

/** Two signs, for one of them may stand in a recipe of ours. */
export function looksLikeTrl(recipe: Readonly<Raw>): boolean {
  return !OTHERS.some((name) => Object.hasOwn(recipe, name)) && TRL_SIGNS.filter((name) => Object.hasOwn(recipe, name)).length >= 2;
}

export const FOREIGN_FORMS: readonly Form[] = [
  optimizer,
  optimizerArguments,
  checkpointing,
  packs,
  loraTables,
  axolotlAdapter,
  axolotlDatasets,
  namedTemplate,
  saveStrategy,
  savesPerEpoch,
  nothingHeldOut,
  bestMetric,
  greaterIsBetter,
  evaluationsPerEpoch,
];

/** AdamW under its other names, and those that are AdamW with its state kept in fewer bits. */
const ADAMW: ReadonlySet<unknown> = new Set([
  'adamw_torch_fused',
  'adamw_hf',
  'adamw',
  'adamw_8bit',
  'adamw_bnb_8bit',
  'paged_adamw_8bit',
  'paged_adamw_32bit',
  'paged_adamw',
]);
const OPTIMIZERS: ReadonlySet<unknown> = new Set(['adamw_torch', 'sgd', 'adafactor']);

function optimizer(recipe: Raw): readonly Outcome[] {
  if (Object.hasOwn(recipe, 'optim') && Object.hasOwn(recipe, 'optimizer'))
    return [problem('optimizer and optim say the same thing: remove one of them')];
  const name = Object.hasOwn(recipe, 'optimizer') ? 'optimizer' : 'optim';
  const value = recipe[name];
  if (value === undefined || (name === 'optim' && OPTIMIZERS.has(value))) return [];
  delete recipe[name];
  if (value === null) return [note(`${name} changes nothing here and is left out.`)];
  if (!ADAMW.has(value) && !OPTIMIZERS.has(value))
    return [problem(`${name} ${shortened(JSON.stringify(value), 60)} is not supported: only adamw_torch, sgd and adafactor are`)];
  recipe['optim'] = ADAMW.has(value) ? 'adamw_torch' : value;
  return [
    note(
      `${name} ${JSON.stringify(value)} is read as optim "${String(recipe['optim'])}"${ADAMW.has(value) ? ': the same steps, computed in float32' : ''}.`,
    ),
  ];
}

/** A switch elsewhere, and under a name of its own at Unsloth, where it may say whose. */
function checkpointing(recipe: Raw): readonly Outcome[] {
  const [own, other] = ['gradient_checkpointing', 'use_gradient_checkpointing'] as const;
  if (Object.hasOwn(recipe, own) && Object.hasOwn(recipe, other)) return [problem(`${other} and ${own} say the same thing: remove one of them`)];
  const name = Object.hasOwn(recipe, other) ? other : own;
  const value = recipe[name];
  if (value === undefined || (name === own && typeof value !== 'boolean' && value !== null)) return [];
  delete recipe[name];
  if (value === null) return [note(`${name} changes nothing here and is left out.`)];
  if (typeof value !== 'boolean' && value !== 'unsloth')
    return [problem(`${name} ${shortened(JSON.stringify(value), 60)} is not supported: true, false and "unsloth" are`)];
  recipe[own] = value === false ? 'none' : 'per_layer';
  return [note(`${name} ${JSON.stringify(value)} is read as ${own} "${String(recipe[own])}".`)];
}

/** `optim_args` of transformers: `momentum=0.9,nesterov=true`. Weight decay is that of `weight_decay`, there as here. */
function optimizerArguments(recipe: Raw): readonly Outcome[] {
  const value = recipe['optim_args'];
  if (value === undefined) return [];
  delete recipe['optim_args'];
  if (value === null || value === '' || value === false) return [note('optim_args changes nothing here and is left out.')];
  if (typeof value !== 'string') return [problem(`optim_args must be text such as "momentum=0.9", but is ${shortened(JSON.stringify(value), 60)}`)];
  if (recipe['optim'] !== 'sgd') return [problem(`optim_args ${JSON.stringify(shortened(value, 60))} is not supported with this optimiser`)];
  return value
    .replaceAll(' ', '')
    .split(',')
    .map((pair) => {
      const [key, text = ''] = pair.split('=') as [string, string?];
      const parsed = key === 'nesterov' ? ['true', '1', 'yes'].includes(text.toLowerCase()) : Number(text);
      if ((key !== 'momentum' && key !== 'nesterov') || Number.isNaN(parsed)) {
        return key === 'dampening' && parsed === 0
          ? note('optim_args dampening changes nothing here and is left out.')
          : problem(`optim_args ${JSON.stringify(shortened(pair, 60))} is not supported: only momentum and nesterov are`);
      }
      if (Object.hasOwn(recipe, key)) return problem(`optim_args and ${key} say the same thing: remove one of them`);
      recipe[key] = parsed;
      return note(`optim_args ${pair} is read as ${key} ${String(parsed)}.`);
    });
}

/** The names of axolotl and LLaMA-Factory for packs whose rows do not see each other, and TRL's earlier names of strategies. */
function packs(recipe: Raw): readonly Outcome[] {
  const outcomes = ['sample_packing', 'neat_packing'].flatMap((name) => {
    const value = recipe[name];
    if (value === undefined) return [];
    delete recipe[name];
    if (value === false || value === null) return [note(`${name} changes nothing here and is left out.`)];
    if (value !== true) return [problem(`${name} must be true or false, but is ${shortened(JSON.stringify(value), 60)}`)];
    recipe['packing'] = true;
    return [note(`${name} is read as packing true.`)];
  });
  const earlier: Readonly<Record<string, string>> = { 'bfd-requeue': 'bfd_split', ffd: 'bfd' };
  const strategy = recipe['packing_strategy'];
  if (typeof strategy !== 'string' || !Object.hasOwn(earlier, strategy)) return outcomes;
  recipe['packing_strategy'] = earlier[strategy];
  return [...outcomes, note(`packing_strategy "${strategy}" is read as "${earlier[strategy]}".`)];
}

/** `peft_config` and `lora_config` are our `lora`. */
function loraTables(recipe: Raw): readonly Outcome[] {
  return ['peft_config', 'lora_config'].flatMap((name) => {
    const table = recipe[name];
    if (table === undefined) return [];
    delete recipe[name];
    if (table === null) return [note(`${name} changes nothing here and is left out.`)];
    if (Object.hasOwn(recipe, 'lora')) return [problem(`${name} and lora say the same thing: remove one of them`)];
    recipe['lora'] = table;
    return [note(`${name} is read as lora.`)];
  });
}

/** axolotl's `adapter` names the method; ours is the folder of an adapter. */
function axolotlAdapter(recipe: Raw): readonly Outcome[] {
  if (recipe['adapter'] === 'qlora') {
    delete recipe['adapter'];
    return [problem('adapter "qlora" is not supported: base models are not quantised')];
  }
  if (recipe['adapter'] !== 'lora') return [];
  delete recipe['adapter'];
  return [note('adapter "lora" is left out: an adapter is always trained.')];
}

const AXOLOTL_TYPES: Readonly<Record<string, string>> = {
  alpaca: 'instruction-output',
  completion: 'text',
  chat_template: 'auto',
  sharegpt: 'conversations',
};

function axolotlDatasets(recipe: Raw): readonly Outcome[] {
  const list = recipe['datasets'];
  if (!Array.isArray(list)) return [];
  delete recipe['datasets'];
  if (list.length !== 1) return [problem(`datasets with ${list.length} entries is not supported: a run has one dataset file`)];
  if (Object.hasOwn(recipe, 'dataset')) return [problem('datasets and dataset say the same thing: remove one of them')];
  const [entry] = list as readonly unknown[];
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return [problem(`datasets must hold an object with a path, but holds ${shortened(JSON.stringify(entry), 100)}`)];
  const { path, type, ...rest } = entry as Raw;
  const format = type === undefined ? 'auto' : typeof type === 'string' && Object.hasOwn(AXOLOTL_TYPES, type) ? AXOLOTL_TYPES[type] : undefined;
  if (format === undefined) return [problem(`datasets.type ${JSON.stringify(type)} is not supported: give dataset.format`)];
  recipe['dataset'] = { file: path, format };
  const more = Object.keys(rest).filter((key) => !['ds_type', 'split'].includes(key));
  return [
    note(`datasets is read as dataset.file ${JSON.stringify(path)}, dataset.format ${JSON.stringify(format)}.`),
    ...more.map((key) => problem(`datasets.${key} is not supported`)),
  ];
}

/** A name, where ours is the template's text. */
function namedTemplate(recipe: Raw): readonly Outcome[] {
  const name = recipe['chat_template'];
  if (typeof name !== 'string' || !/^[\w.-]{1,60}$/.test(name)) return [];
  delete recipe['chat_template'];
  if (name.startsWith('tokenizer_default')) return [note(`chat_template "${name}" changes nothing here and is left out.`)];
  return [problem(`chat_template "${name}" is not supported: give the text of the template, or leave it out for the model's own`)];
}

/** Once an epoch is a share of all steps. transformers then ignores `save_steps`. */
function saveStrategy(recipe: Raw): readonly Outcome[] {
  const strategy = recipe['save_strategy'];
  if (strategy === undefined) return [];
  delete recipe['save_strategy'];
  if (strategy === 'steps' || strategy === null) return [note('save_strategy changes nothing here and is left out.')];
  if (strategy === 'no') return [note('save_strategy "no" is left out: a run that could not go on after a crash is not made.')];
  return strategy === 'epoch'
    ? perEpoch(recipe, 'save_strategy "epoch"', 1)
    : [problem(`save_strategy ${JSON.stringify(strategy)} is not supported: checkpoints are saved by steps`)];
}

function savesPerEpoch(recipe: Raw): readonly Outcome[] {
  const times = recipe['saves_per_epoch'];
  if (times === undefined) return [];
  delete recipe['saves_per_epoch'];
  return typeof times === 'number' && times > 0
    ? perEpoch(recipe, `saves_per_epoch ${times}`, times)
    : [note('saves_per_epoch is left out: checkpoints are saved by steps.')];
}

function perEpoch(recipe: Raw, said: string, times: number): readonly Outcome[] {
  delete recipe['save_steps'];
  const epochs = Number(recipe['num_train_epochs'] ?? recipe['num_epochs'] ?? recipe['epochs'] ?? 3);
  const share = 1 / (epochs * times);
  // A single save is that of the end, which comes anyway.
  if (!(share < 1)) return [note(`${said} is left out: the end is always saved.`)];
  recipe['save_steps'] = Number(share.toPrecision(6));
  return [note(`${said} is read as save_steps ${String(recipe['save_steps'])}, a share of all steps.`)];
}

/** `val_size` 0 of LLaMA-Factory and axolotl: ours says it by `eval_strategy`. */
function nothingHeldOut(recipe: Raw): readonly Outcome[] {
  return ['val_size', 'val_set_size', 'test_size'].flatMap((name) => {
    if (recipe[name] !== 0 && recipe[name] !== null) return [];
    delete recipe[name];
    const asks = recipe['eval_strategy'] ?? recipe['evaluation_strategy'] ?? 'no';
    const other = recipe['eval_dataset'] ?? recipe['eval_file'] ?? recipe['validation_file'] ?? null;
    return asks !== 'no' && other === null
      ? [problem(`${name} 0 holds nothing out, and eval_strategy ${JSON.stringify(asks)} asks for an evaluation`)]
      : [note(`${name} changes nothing here and is left out.`)];
  });
}

/** transformers takes `eval_loss` for `loss`. */
function bestMetric(recipe: Raw): readonly Outcome[] {
  const name = recipe['metric_for_best_model'];
  if (typeof name !== 'string' || !name.startsWith('eval_')) return [];
  recipe['metric_for_best_model'] = name.slice('eval_'.length);
  return [note(`metric_for_best_model "${name}" is read as "${name.slice('eval_'.length)}".`)];
}

/** Ours follows from the metric, as it does in transformers where nothing is said. */
function greaterIsBetter(recipe: Raw): readonly Outcome[] {
  const given = recipe['greater_is_better'];
  if (given === undefined) return [];
  delete recipe['greater_is_better'];
  const metric = typeof recipe['metric_for_best_model'] === 'string' ? recipe['metric_for_best_model'] : 'loss';
  const implied = !metric.endsWith('loss');
  return given === null || given === implied
    ? [note('greater_is_better is left out: it follows from metric_for_best_model.')]
    : [problem(`greater_is_better ${JSON.stringify(given)} is not supported for ${metric}: ${implied ? 'higher' : 'lower'} is better`)];
}

/** axolotl's. */
function evaluationsPerEpoch(recipe: Raw): readonly Outcome[] {
  const times = recipe['evals_per_epoch'];
  if (times === undefined) return [];
  delete recipe['evals_per_epoch'];
  if (times === null || times === 0) return [note('evals_per_epoch is left out.')];
  if (typeof times !== 'number' || times < 0) return [problem(`evals_per_epoch must be a number, but is ${shortened(JSON.stringify(times), 100)}`)];
  if (times === 1) {
    recipe['eval_strategy'] = 'epoch';
    return [note('evals_per_epoch 1 is read as eval_strategy "epoch".')];
  }
  const epochs = Number(recipe['num_train_epochs'] ?? recipe['num_epochs'] ?? recipe['epochs'] ?? 3);
  const share = 1 / (epochs * times);
  if (!(share > 0 && share < 1)) return [problem(`evals_per_epoch ${times} is not supported: set eval_steps`)];
  Object.assign(recipe, { eval_strategy: 'steps', eval_steps: Number(share.toPrecision(6)) });
  return [note(`evals_per_epoch ${times} is read as eval_steps ${String(recipe['eval_steps'])}, a share of all steps.`)];
}
