/**
 * Names that recipes for TRL, PEFT, transformers and their relatives use for what we have or have not (spec 5.7). A
 * mapped or dropped name gives a notice; nothing is ignored in silence.
 */

type Raw = Record<string, unknown>;

type Alias =
  /** The same value under our name (dotted path). */
  | { readonly kind: 'renamed'; readonly to: string }
  /** Another way to say it: gives the value of our field, null for "says nothing", or a sentence that refuses it. */
  | { readonly kind: 'converted'; readonly to: string; readonly convert: (value: unknown) => Converted }
  /** Means nothing here, whatever its value. */
  | { readonly kind: 'dropped'; readonly why: string }
  /** Known, and possible only with these values; others are refused. */
  | { readonly kind: 'fixed'; readonly allowed: readonly unknown[]; readonly why: string };

type Converted = { readonly value: unknown } | { readonly problem: string } | null;

const renamed = (to: string): Alias => ({ kind: 'renamed', to });
const dropped = (why: string): Alias => ({ kind: 'dropped', why });
const off = (why: string, ...allowed: readonly unknown[]): Alias => ({ kind: 'fixed', allowed: [false, null, ...allowed], why });
const LATER = 'is not supported yet';

const ALIASES: Readonly<Record<string, Alias>> = {
  model_name_or_path: renamed('model'),
  base_model: renamed('model'),
  train_file: renamed('dataset.file'),
  dataset_file: renamed('dataset.file'),
  adapter_name_or_path: renamed('adapter'),
  lora_r: renamed('lora.r'),
  r: renamed('lora.r'),
  lora_alpha: renamed('lora.lora_alpha'),
  lora_dropout: renamed('lora.lora_dropout'),
  use_rslora: renamed('lora.use_rslora'),
  target_modules: renamed('lora.target_modules'),
  lora_target_modules: renamed('lora.target_modules'),
  max_seq_length: renamed('max_length'),
  cutoff_len: renamed('max_length'),
  batch_size: renamed('per_device_train_batch_size'),
  train_batch_size: renamed('per_device_train_batch_size'),
  per_gpu_train_batch_size: renamed('per_device_train_batch_size'),
  epochs: renamed('num_train_epochs'),
  lr: renamed('learning_rate'),
  lr_scheduler: renamed('lr_scheduler_type'),
  warmup_ratio: { kind: 'converted', to: 'warmup_steps', convert: fromWarmupRatio },
  completion_only_loss: { kind: 'converted', to: 'loss', convert: (on) => switchTo(on, 'completion', 'all') },
  assistant_only_loss: { kind: 'converted', to: 'loss', convert: (on) => switchTo(on, 'assistant', null) },
  bf16: { kind: 'converted', to: 'precision', convert: (on) => switchTo(on, 'bf16', null) },
  fp16: off('float16 training is not supported; use bf16 or f32'),
  optim: { kind: 'fixed', allowed: ['adamw_torch', 'adamw_torch_fused', 'adamw_hf'], why: 'only AdamW is supported' },
  loss_type: { kind: 'fixed', allowed: ['nll', 'chunked_nll'], why: 'only the negative log likelihood is supported' },
  packing: off(LATER),
  padding_free: off(LATER),
  group_by_length: off(LATER),
  dataloader_drop_last: off(LATER),
  neftune_noise_alpha: off(LATER, 0),
  label_smoothing_factor: off(LATER, 0),
  load_best_model_at_end: off(LATER),
  eval_strategy: off(LATER, 'no'),
  evaluation_strategy: off(LATER, 'no'),
  use_dora: off(LATER),
  load_in_4bit: off(LATER),
  load_in_8bit: off(LATER),
  truncation_mode: { kind: 'fixed', allowed: ['keep_start'], why: 'only keep_start is supported' },
  save_strategy: { kind: 'fixed', allowed: ['steps'], why: 'checkpoints are saved by steps' },
  logging_strategy: { kind: 'fixed', allowed: ['steps'], why: 'the log is written by steps' },
  output_dir: dropped('the folder is given when the run is started'),
  overwrite_output_dir: dropped('a run never overwrites another'),
  logging_dir: dropped('the log lies in the run\'s folder'),
  report_to: dropped('nothing is sent anywhere'),
  save_safetensors: dropped('safetensors is the only format'),
  gradient_checkpointing: dropped('the engine plans memory by itself'),
  gradient_checkpointing_kwargs: dropped('the engine plans memory by itself'),
  remove_unused_columns: dropped('columns that are not needed are not read'),
  dataloader_num_workers: dropped('the engine loads data by itself'),
  dataset_num_proc: dropped('the engine loads data by itself'),
  use_cache: dropped('training has no cache'),
  disable_tqdm: dropped('progress is chosen on the command line'),
};

/** Every alias, for look-ups of what a mistyped key may have meant. */
export const ALIAS_NAMES: readonly string[] = Object.keys(ALIASES);

export interface AliasResult {
  readonly recipe: Raw;
  readonly notices: readonly string[];
  readonly problems: readonly string[];
}

/** Replaces foreign names by ours. The input is left alone. */
export function applyAliases(input: Readonly<Raw>): AliasResult {
  const recipe = structuredClone(input) as Raw;
  const notices: string[] = [];
  const problems: string[] = [];
  if (typeof recipe['dataset'] === 'string') {
    recipe['dataset'] = { file: recipe['dataset'] };
    notices.push('dataset is read as dataset.file.');
  }
  const pairs = renamePairs(recipe['dataset']);
  if (pairs !== null) (pairs.isProblem ? problems : notices).push(pairs.text);
  for (const [name, value] of Object.entries(recipe)) {
    const alias = Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined;
    if (alias === undefined) continue;
    delete recipe[name];
    const outcome = applyAlias(recipe, name, value, alias);
    (outcome.isProblem ? problems : notices).push(outcome.text);
  }
  return { recipe, notices, problems };
}

/** `dataset.alpaca` of 0.1.0: its `template` wrote instruction rows and question/answer rows under headings. */
function renamePairs(dataset: unknown): Outcome | null {
  if (typeof dataset !== 'object' || dataset === null || !Object.hasOwn(dataset, 'alpaca')) return null;
  const owner = dataset as Raw;
  const value = owner['alpaca'];
  delete owner['alpaca'];
  if (value !== 'template' && value !== 'chat') return { isProblem: true, text: `dataset.alpaca must be "template" or "chat", but is ${JSON.stringify(value)}` };
  return assign(owner, 'dataset.alpaca', 'pairs', value === 'chat' ? 'chat' : 'headings', 'dataset.');
}

interface Outcome {
  readonly isProblem: boolean;
  readonly text: string;
}

function applyAlias(recipe: Raw, name: string, value: unknown, alias: Alias): Outcome {
  switch (alias.kind) {
    case 'renamed': return assign(recipe, name, alias.to, value);
    case 'converted': {
      const converted = alias.convert(value);
      if (converted === null) return { isProblem: false, text: `${name} changes nothing here and is left out.` };
      if ('problem' in converted) return { isProblem: true, text: `${name} ${converted.problem}` };
      return assign(recipe, name, alias.to, converted.value);
    }
    case 'dropped': return { isProblem: false, text: `${name} is left out: ${alias.why}.` };
    case 'fixed': {
      if (alias.allowed.includes(value)) return { isProblem: false, text: `${name} changes nothing here and is left out.` };
      return { isProblem: true, text: `${name} ${JSON.stringify(value)}: ${alias.why}` };
    }
  }
}

function assign(recipe: Raw, name: string, to: string, value: unknown, prefix = ''): Outcome {
  const keys = to.split('.');
  const last = keys.pop()!;
  let owner = recipe;
  for (const key of keys) {
    owner[key] ??= {};
    if (typeof owner[key] !== 'object' || Array.isArray(owner[key])) return { isProblem: true, text: `${key} must be an object with named values` };
    owner = owner[key] as Raw;
  }
  if (Object.hasOwn(owner, last)) return { isProblem: true, text: `${name} and ${prefix}${to} say the same thing: remove one of them` };
  owner[last] = value;
  return { isProblem: false, text: `${name} is read as ${prefix}${to} ${JSON.stringify(value)}.` };
}

function fromWarmupRatio(ratio: unknown): Converted {
  if (typeof ratio === 'number' && ratio >= 0 && ratio < 1) return { value: ratio };
  return { problem: `must be a number from 0 to below 1, but is ${JSON.stringify(ratio)}` };
}

function switchTo(on: unknown, ifTrue: string, ifFalse: string | null): Converted {
  if (on === true) return { value: ifTrue };
  if (on === false && ifFalse !== null) return { value: ifFalse };
  if (on === false || on === null) return null;
  return { problem: `must be true or false, but is ${JSON.stringify(on)}` };
}
