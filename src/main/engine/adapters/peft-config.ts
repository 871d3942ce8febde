import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { isMlx, mlxError } from './foreign-adapter.ts';
import type { ModuleSelection } from './module-selection.ts';
import { patternProblem } from './pattern-key.ts';

/** What adapter_config.json says, as far as it decides the numbers (spec section 6). */
export interface LoraConfigParsed extends ModuleSelection {
  readonly r: number;
  readonly loraAlpha: number;
  /** Active while training only. */
  readonly loraDropout: number;
  /** Scale is alpha / sqrt(r) instead of alpha / r. */
  readonly useRslora: boolean;
  readonly rankPattern: Readonly<Record<string, number>>;
  readonly alphaPattern: Readonly<Record<string, number>>;
  readonly baseModelNameOrPath: string | null;
  /** Modules that are saved whole, by their names or paths; absent: none. */
  readonly modulesToSave?: readonly string[];
}

/** Version whose set of keys we write. */
const PEFT_VERSION = '0.21.0';

const rank = z.int().min(1).max(65_536);
const configSchema = z.looseObject({
  peft_type: z.string(),
  task_type: z.string().nullish(),
  r: rank.default(8),
  lora_alpha: z.number().positive().default(8),
  lora_dropout: z.number().min(0).max(1).default(0),
  use_rslora: z.boolean().default(false),
  target_modules: z.union([z.string(), z.array(z.string())]).nullish(),
  exclude_modules: z.union([z.string(), z.array(z.string())]).nullish(),
  layers_to_transform: z.union([z.int(), z.array(z.int())]).nullish(),
  layers_pattern: z.union([z.string(), z.array(z.string())]).nullish(),
  rank_pattern: z.record(z.string(), rank).nullish(),
  alpha_pattern: z.record(z.string(), z.number().positive()).nullish(),
  base_model_name_or_path: z.string().nullish(),
  modules_to_save: z.array(z.string()).nullish(),
  bias: z.string().default('none'),
  init_lora_weights: z.union([z.boolean(), z.string()]).nullish(),
});

/** Features that change the numbers or the tensors; true, a value or a non-empty list in any of them is refused. */
const UNSUPPORTED = [
  'use_dora',
  'lora_bias',
  'use_qalora',
  'alora_invocation_tokens',
  'layer_replication',
  'trainable_token_indices',
  'target_parameters',
  'use_bdlora',
  'arrow_config',
  'kasa_config',
  'monteclora_config',
  'velora_config',
  'megatron_config',
] as const;

/** Initialisations that change the base weights, so that the adapter does not fit the plain model (spec 6.2). */
const BASE_CHANGING_INIT = /^(pissa|olora|loftq|corda|lora_ga)/;

/**
 * Reads adapter_config.json: unknown keys are ignored, missing ones take PEFT's defaults, features that we cannot
 * reproduce are refused by name.
 * @throws AppError ADAPTER-CONFIG, ADAPTER-UNSUPPORTED
 */
export function parsePeftConfig(json: unknown, file: string): LoraConfigParsed {
  if (isMlx(json)) throw mlxError(file);
  const result = configSchema.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw configError(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'unreadable'}`);
  }
  const raw = result.data;
  refuseUnsupported(raw, file);
  const rankPattern = raw.rank_pattern ?? {};
  const alphaPattern = raw.alpha_pattern ?? {};
  for (const pattern of [...Object.keys(rankPattern), ...Object.keys(alphaPattern)]) {
    const problem = patternProblem(pattern);
    if (problem !== null) throw configError(file, `the pattern ${JSON.stringify(pattern.slice(0, 100))} ${problem}`);
  }
  return {
    r: raw.r,
    loraAlpha: raw.lora_alpha,
    loraDropout: raw.lora_dropout,
    useRslora: raw.use_rslora,
    targetModules: raw.target_modules ?? [],
    excludeModules: raw.exclude_modules ?? null,
    layersToTransform: raw.layers_to_transform ?? null,
    layersPattern: raw.layers_pattern ?? null,
    rankPattern,
    alphaPattern,
    baseModelNameOrPath: raw.base_model_name_or_path ?? null,
    ...(raw.modules_to_save?.length ? { modulesToSave: raw.modules_to_save } : {}),
  };
}

function refuseUnsupported(raw: z.infer<typeof configSchema>, file: string): void {
  if (raw.peft_type !== 'LORA') throw unsupported(file, `peft_type "${raw.peft_type.slice(0, 100)}" (only "LORA")`);
  if (raw.task_type && raw.task_type !== 'CAUSAL_LM') throw unsupported(file, `task_type "${raw.task_type.slice(0, 100)}"`);
  if (raw.bias !== 'none') throw unsupported(file, `bias "${raw.bias.slice(0, 100)}"`);
  const init = raw.init_lora_weights;
  if (typeof init === 'string' && BASE_CHANGING_INIT.test(init)) {
    throw unsupported(file, `init_lora_weights "${init.slice(0, 100)}", which changes the base weights`);
  }
  if (raw.modules_to_save?.length && raw['ensure_weight_tying'] === true) throw unsupported(file, 'ensure_weight_tying');
  for (const key of UNSUPPORTED) {
    const value = raw[key];
    const isOff = value === undefined || value === null || value === false || (typeof value === 'object' && Object.keys(value).length === 0);
    if (!isOff) throw unsupported(file, key);
  }
}

/**
 * adapter_config.json as PEFT 0.21 writes it: every key, sorted, two spaces, no newline at the end. Whole numbers that
 * Python holds as floats keep their `.0`.
 */
export function formatPeftConfig(config: LoraConfigParsed): string {
  const values: Readonly<Record<string, unknown>> = {
    alora_invocation_tokens: null,
    alpha_pattern: sorted(config.alphaPattern),
    arrow_config: null,
    auto_mapping: null,
    base_model_name_or_path: config.baseModelNameOrPath,
    bias: 'none',
    corda_config: null,
    ensure_weight_tying: false,
    eva_config: null,
    exclude_modules: config.excludeModules,
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    kasa_config: null,
    layer_replication: null,
    layers_pattern: config.layersPattern,
    layers_to_transform: config.layersToTransform,
    loftq_config: {},
    lora_alpha: config.loraAlpha,
    lora_bias: false,
    lora_dropout: config.loraDropout,
    lora_ga_config: null,
    megatron_config: null,
    megatron_core: 'megatron.core',
    modules_to_save: config.modulesToSave ?? null,
    monteclora_config: null,
    peft_type: 'LORA',
    peft_version: PEFT_VERSION,
    qalora_group_size: 16,
    r: config.r,
    rank_pattern: sorted(config.rankPattern),
    revision: null,
    target_modules: config.targetModules,
    target_parameters: null,
    task_type: 'CAUSAL_LM',
    trainable_token_indices: null,
    use_bdlora: null,
    use_dora: false,
    use_qalora: false,
    use_rslora: config.useRslora,
    velora_config: null,
  };
  return JSON.stringify(values, null, 2).replace(/^( {2}"lora_dropout": -?\d+)(,?)$/m, '$1.0$2');
}

/** PEFT writes patterns sorted too; where two patterns match one path the order decides, so writers use exact paths. */
function sorted(patterns: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(patterns).sort(([x], [y]) => (x < y ? -1 : 1)));
}

function configError(file: string, what: string): AppError {
  return new AppError({
    code: 'ADAPTER-CONFIG',
    message: `${file}: ${what}.`,
    data: { file },
    remedy: 'Choose the folder of a LoRA adapter as PEFT saves it.',
  });
}

export function unsupported(file: string, what: string): AppError {
  return new AppError({
    code: 'ADAPTER-UNSUPPORTED',
    message: `${file}: this adapter uses ${what}, which is not supported.`,
    data: { file },
    remedy: 'Use a plain LoRA adapter, or merge this one into its model with PEFT first.',
  });
}
