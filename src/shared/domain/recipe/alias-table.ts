/**
 * @file Long because it is a table: every name that configurations of TRL, PEFT, transformers, LLaMA-Factory, axolotl and Unsloth commonly
 * hold and we do not. What changes nothing is left out with a notice, what has a meaning here is mapped, the rest is refused by name.
 */

export type Alias =
  /** The same value under our name (dotted path). */
  | { readonly kind: 'renamed'; readonly to: string }
  /** Another way to say it: gives the value of our field, null for "says nothing", or a sentence that refuses it. */
  | { readonly kind: 'converted'; readonly to: string; readonly convert: (value: unknown) => Converted }
  /** Means nothing here, whatever its value. */
  | { readonly kind: 'dropped'; readonly why: string }
  /** Known, and possible only with these values; others are refused. */
  | { readonly kind: 'fixed'; readonly allowed: readonly unknown[]; readonly why: string };

export type Converted = { readonly value: unknown } | { readonly problem: string } | null;

const renamed = (to: string): Alias => ({ kind: 'renamed', to });
const dropped = (why: string): Alias => ({ kind: 'dropped', why });
const converted = (to: string, convert: (value: unknown) => Converted): Alias => ({ kind: 'converted', to, convert });
/** Fine while it is off, in any of the ways to say so. */
const off = (why: string, ...allowed: readonly unknown[]): Alias => ({ kind: 'fixed', allowed: [false, null, '', ...allowed], why });
const only = (why: string, ...allowed: readonly unknown[]): Alias => ({ kind: 'fixed', allowed: [null, ...allowed], why });
const all = <N extends string>(names: readonly N[], alias: Alias): Readonly<Record<N, Alias>> =>
  Object.fromEntries(names.map((name) => [name, alias])) as Record<N, Alias>;

const LATER = 'is not supported yet';
const EVALUATION = 'is not supported: set eval_strategy, and val_size or eval_dataset';
const QUANTISED = 'is not supported: base models are not quantised';
const NO_SUCH_ADAPTER = 'is not supported: only plain LoRA adapters are trained';
const BY_ITSELF = 'the engine plans memory and speed by itself';
const AT_START = 'it is chosen when the run is started';
const NOT_SENT = 'nothing is sent anywhere';

const RENAMED = {
  ...all(['model_name_or_path', 'base_model', 'base_model_name_or_path', 'model_name'], renamed('model')),
  ...all(['train_file', 'dataset_file'], renamed('dataset.file')),
  adapter_name_or_path: renamed('adapter'),
  ...all(['lora_r', 'lora_rank', 'r'], renamed('lora.r')),
  lora_alpha: renamed('lora.lora_alpha'),
  lora_dropout: renamed('lora.lora_dropout'),
  use_rslora: renamed('lora.use_rslora'),
  ...all(['target_modules', 'lora_target_modules', 'lora_target'], converted('lora.target_modules', toTargets)),
  ...all(['lora_modules_to_save', 'additional_target'], converted('lora.modules_to_save', toModules)),
  lora_target_linear: converted('lora.target_modules', (on) => switchTo(on, 'all-linear', null)),
  ...all(['max_seq_length', 'cutoff_len', 'sequence_len', 'model_max_length'], renamed('max_length')),
  ...all(['batch_size', 'train_batch_size', 'per_gpu_train_batch_size', 'micro_batch_size'], renamed('per_device_train_batch_size')),
  ...all(['epochs', 'num_epochs'], renamed('num_train_epochs')),
  evaluation_strategy: renamed('eval_strategy'),
  ...all(['eval_file', 'validation_file'], renamed('eval_dataset')),
  ...all(['val_set_size', 'test_size'], renamed('val_size')),
  ...all(['per_gpu_eval_batch_size', 'eval_batch_size'], renamed('per_device_eval_batch_size')),
  lr: renamed('learning_rate'),
  lr_scheduler: renamed('lr_scheduler_type'),
  random_state: renamed('seed'),
  full_finetuning: converted('finetuning_type', (on) => switchTo(on, 'full', null)),
  use_peft: converted('finetuning_type', (on) => switchTo(on, 'lora', 'full')),
  warmup_ratio: converted('warmup_steps', fromWarmupRatio),
  completion_only_loss: converted('loss', (on) => switchTo(on, 'completion', 'all')),
  assistant_only_loss: converted('loss', (on) => switchTo(on, 'assistant', null)),
  ...all(
    ['train_on_inputs', 'train_on_prompt'],
    converted('loss', (on) => switchTo(on, 'all', null)),
  ),
  bf16: converted('precision', (on) => (on === 'auto' ? null : switchTo(on, 'bf16', null))),
  dataset_text_field: converted('dataset.mapping', (name) => (name === 'text' || name === null ? null : { value: { text: name } })),
} satisfies Readonly<Record<string, Alias>>;

const FIXED = {
  fp16: off('float16 training is not supported; use bf16 or f32', 'auto'),
  loss_type: only('only the negative log likelihood is supported', 'nll', 'chunked_nll'),
  truncation_mode: only('only keep_start is supported', 'keep_start'),
  logging_strategy: only('the log is written by steps', 'steps'),
  eval_packing: off(LATER),
  ...all(['group_by_length', 'dataloader_drop_last', 'auto_find_batch_size', 'streaming', 'mask_history'], off(LATER)),
  ...all(['neftune_noise_alpha', 'label_smoothing_factor'], off(LATER, 0)),
  ...all(['test_datasets', 'do_predict', 'predict_with_generate'], off(EVALUATION)),
  ...all(['eval_on_start'], off(LATER)),
  ...all(['eval_delay'], off(LATER, 0)),
  ...all(['load_in_4bit', 'load_in_8bit', 'quantization_bit', 'quantization_config'], off(QUANTISED)),
  ...all(['use_dora', 'lora_fan_in_fan_out', 'use_galore', 'use_badam', 'pissa_init', 'peft_use_dora'], off(NO_SUCH_ADAPTER)),
  ...all(['loraplus_lr_ratio', 'loftq_config'], off(NO_SUCH_ADAPTER)),
  ...all(['max_samples', 'max_train_samples'], off('is not supported: all rows of the file are trained')),
  ...all(['resume_from_checkpoint'], off('is not supported here: a run is resumed by itself')),
  ...all(
    ['rope_scaling', 'default_system', 'tokenized_path', 'model_init_kwargs', 'special_tokens', 'dataset_kwargs', 'lr_scheduler_kwargs', 'plugins'],
    off('is not supported'),
  ),
  stage: only('is not supported: only supervised fine-tuning ("sft") is', 'sft'),
  do_train: only('is not supported: a recipe is for training', true),
  trust_remote_code: off('is not supported: code that comes with a model is never run', false),
  ...all(['push_to_hub', 'use_wandb'], off(`is not supported: ${NOT_SENT}`)),
  model_revision: only('is not supported: the folder holds one version', 'main'),
} satisfies Readonly<Record<string, Alias>>;

const DROPPED = {
  ...all(['output_dir', 'overwrite_output_dir', 'run_name'], dropped('a run has a folder of its own, chosen when it is started')),
  logging_dir: dropped("the log lies in the run's folder"),
  ...all(
    [
      'report_to',
      'hub_model_id',
      'hub_token',
      'hub_strategy',
      'hub_private_repo',
      'hub_always_push',
      'hub_revision',
      'wandb_project',
      'wandb_entity',
      'wandb_watch',
      'wandb_name',
      'wandb_run_id',
      'wandb_log_model',
    ],
    dropped(NOT_SENT),
  ),
  ...all(['save_safetensors', 'safe_serialization'], dropped('safetensors is the only format')),
  ...all(
    [
      'gradient_checkpointing_kwargs',
      'use_reentrant_gc',
      'activation_offloading',
      'torch_empty_cache_steps',
      'use_liger_kernel',
      'use_liger',
      'enable_liger_kernel',
      'torch_compile',
      'torch_compile_backend',
      'torch_compile_mode',
      'use_unsloth',
    ],
    dropped(BY_ITSELF),
  ),
  ...all(
    ['attn_implementation', 'flash_attn', 'flash_attention', 'sdp_attention', 'xformers_attention', 'use_flash_attention_2', 'eager_attention'],
    dropped('the engine has its own attention, with the same result'),
  ),
  ...all(
    ['torch_dtype', 'dtype', 'tf32', 'half_precision_backend', 'bf16_full_eval', 'fp16_full_eval'],
    dropped('weights stay as they are in their files; precision decides the arithmetic'),
  ),
  ...all(['remove_unused_columns'], dropped('columns that are not needed are not read')),
  ...all(
    [
      'dataloader_num_workers',
      'dataloader_pin_memory',
      'dataloader_prefetch_factor',
      'dataloader_persistent_workers',
      'dataset_num_proc',
      'preprocessing_num_workers',
      'dataset_processes',
      'overwrite_cache',
      'dataset_prepared_path',
      'dataset_batch_size',
      'buffer_size',
      'preprocessing_batch_size',
    ],
    dropped('the engine loads data by itself'),
  ),
  use_cache: dropped('training has no cache'),
  ...all(
    [
      'disable_tqdm',
      'log_level',
      'logging_first_step',
      'logging_nan_inf_filter',
      'plot_loss',
      'include_num_input_tokens_seen',
      'include_tokens_per_second',
      'skip_memory_metrics',
      'debug',
      'log_on_each_node',
    ],
    dropped('every step is logged and drawn'),
  ),
  do_eval: dropped('eval_strategy decides'),
  ...all(
    [
      'eval_accumulation_steps',
      'eval_max_new_tokens',
      'eval_table_size',
      'compute_accuracy',
      'batch_eval_metrics',
      'prediction_loss_only',
      'eval_sample_packing',
    ],
    dropped('an evaluation tells the loss, the token accuracy and the entropy'),
  ),
  ...all(
    [
      'ddp_timeout',
      'ddp_backend',
      'ddp_find_unused_parameters',
      'ddp_bucket_cap_mb',
      'local_rank',
      'deepspeed',
      'fsdp',
      'fsdp_config',
      'accelerator_config',
      'parallelism_config',
      'average_tokens_across_devices',
      'low_cpu_mem_usage',
      'split_batches',
    ],
    dropped('a run uses one device'),
  ),
  ...all(['no_cuda', 'use_cpu', 'use_mps_device', 'device_map'], dropped(AT_START)),
  ...all(
    [
      'save_only_model',
      'save_on_each_node',
      'restore_callback_states_from_checkpoint',
      'ignore_data_skip',
      'full_determinism',
      'jit_mode_eval',
      'past_index',
      'label_names',
      'do_sample',
      'overwrite_hub',
    ],
    dropped('it changes nothing that is learned'),
  ),
  ...all(['pad_to_sequence_len', 'pad_token'], dropped('padding is never learned')),
  ...all(
    [
      'template',
      'chat_template_path',
      'tokenizer_type',
      'model_type',
      'base_model_config',
      'tokenizer_name',
      'use_fast_tokenizer',
      'is_llama_derived_model',
      'tokenizer_use_fast',
    ],
    dropped("it is read from the model's folder"),
  ),
  ...all(
    ['strict', 'dataset_dir', 'dataset_name', 'dataset_config', 'dataset_train_split', 'dataset_test_split', 'train_split'],
    dropped('the dataset is a file'),
  ),
  ...all(
    [
      'bnb_4bit_compute_dtype',
      'bnb_4bit_quant_type',
      'bnb_4bit_use_double_quant',
      'use_bnb_nested_quant',
      'quantization_method',
      'double_quantization',
    ],
    dropped('nothing is quantised'),
  ),
  ...all(['task_type', 'lora_task_type', 'inference_mode', 'peft_type'], dropped('adapters are LoRA for language models')),
} satisfies Readonly<Record<string, Alias>>;

/** Names at the top of a configuration. */
export const ALIASES: Readonly<Record<string, Alias>> = { ...RENAMED, ...FIXED, ...DROPPED };

/** Names inside `lora`, as PEFT's LoraConfig and adapter_config.json hold them. */
export const LORA_ALIASES: Readonly<Record<string, Alias>> = {
  rank: renamed('lora.r'),
  alpha: renamed('lora.lora_alpha'),
  dropout: renamed('lora.lora_dropout'),
  bias: only('is not supported: biases are not trained', 'none', false),
  task_type: only('is not supported: adapters are for language models', 'CAUSAL_LM'),
  peft_type: only('is not supported: only LoRA is', 'LORA'),
  init_lora_weights: only("is not supported: adapters start as PEFT's default does", true),
  ...all(
    [
      'use_dora',
      'fan_in_fan_out',
      'use_qalora',
      'lora_bias',
      'layers_to_transform',
      'layers_pattern',
      'exclude_modules',
      'layer_replication',
      'trainable_token_indices',
      'target_parameters',
      'loftq_config',
      'eva_config',
      'corda_config',
      'megatron_config',
      'rank_pattern',
      'alpha_pattern',
      'arrow_config',
      'ensure_weight_tying',
    ],
    off(NO_SUCH_ADAPTER),
  ),
  ...all(
    [
      'inference_mode',
      'revision',
      'auto_mapping',
      'base_model_name_or_path',
      'megatron_core',
      'qalora_group_size',
      'peft_version',
      'runtime_config',
      'ephemeral_gpu_offload',
    ],
    dropped('it changes nothing that is learned'),
  ),
};

function fromWarmupRatio(ratio: unknown): Converted {
  if (ratio === 0 || ratio === null) return null;
  if (typeof ratio === 'number' && ratio > 0 && ratio < 1) return { value: ratio };
  return { problem: `must be a number from 0 to below 1, but is ${JSON.stringify(ratio)}` };
}

/** `"all"`, `"q_proj,v_proj"` and lists. */
function toTargets(value: unknown): Converted {
  if (value === null) return null;
  if (value === 'all') return { value: 'all-linear' };
  if (typeof value === 'string' && value !== 'all-linear')
    return {
      value: value
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    };
  return { value };
}

/** `"embed_tokens,lm_head"` and lists; empty says nothing. */
function toModules(value: unknown): Converted {
  const names =
    typeof value === 'string'
      ? value
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '')
      : value;
  return names === null || (Array.isArray(names) && names.length === 0) ? null : { value: names };
}

function switchTo(on: unknown, ifTrue: string, ifFalse: string | null): Converted {
  if (on === true) return { value: ifTrue };
  if (on === false && ifFalse !== null) return { value: ifFalse };
  if (on === false || on === null) return null;
  return { problem: `must be true or false, but is ${JSON.stringify(on)}` };
}
