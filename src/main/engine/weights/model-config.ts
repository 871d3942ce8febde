import { z } from 'zod';
import { MODEL_FAMILIES, type ModelConfig, type ModelFamily, type RopeScaling } from '../../../shared/domain/model.ts';
import { AppError } from '../../../shared/lib/app-error.ts';

const size = z.int().min(1).max(16_777_216);
const tokenId = z.int().min(0).max(16_777_216);
const tokenIds = z.union([tokenId, z.array(tokenId)]).nullish();
const ropeSchema = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().positive().optional(),
  factor: z.number().min(1).optional(),
  low_freq_factor: z.number().positive().optional(),
  high_freq_factor: z.number().positive().optional(),
  original_max_position_embeddings: size.optional(),
  partial_rotary_factor: z.number().optional(),
});

/** The part of config.json that we read; transformers 4 and 5 both. Everything else is left unread. */
const configSchema = z.looseObject({
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: z.int().min(1).max(1024),
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  vocab_size: size,
  rms_norm_eps: z.number().positive().max(1).default(1e-6),
  hidden_act: z.string().default('silu'),
  max_position_embeddings: size,
  rope_theta: z.number().positive().nullish(),
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: ropeSchema.nullish(),
  partial_rotary_factor: z.number().nullish(),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  use_sliding_window: z.boolean().default(false),
  sliding_window: size.nullish(),
  max_window_layers: z.int().min(0).nullish(),
  layer_types: z.array(z.string()).nullish(),
  quantization_config: z.unknown().optional(),
  bos_token_id: tokenIds,
  eos_token_id: tokenIds,
  pad_token_id: tokenIds,
});
type RawConfig = z.infer<typeof configSchema>;
const generationSchema = z.looseObject({ eos_token_id: tokenIds });

/** transformers' `default_theta`, used where neither generation of file names one. */
const DEFAULT_ROPE_THETA = 10_000;

/**
 * config.json (and generation_config.json, if there is one) as a ModelConfig. What the engine would compute
 * differently from transformers is refused by name.
 * @param file path of config.json, for messages
 * @throws AppError MODEL-CONFIG, MODEL-FAMILY, MODEL-UNSUPPORTED
 */
export function parseModelConfig(json: unknown, generation: unknown, file: string): ModelConfig {
  const family = familyOf(json, file);
  const raw = parse(configSchema, json, file);
  const kvHeads = raw.num_key_value_heads ?? raw.num_attention_heads;
  const headDim = raw.head_dim ?? raw.hidden_size / raw.num_attention_heads;
  refuseUnsupported(raw, file);
  checkHeads(raw.num_attention_heads, kvHeads, headDim, file);
  const generationEos = parse(generationSchema, generation ?? {}, file.replace(/config\.json$/, 'generation_config.json'));
  return {
    family,
    hiddenSize: raw.hidden_size,
    intermediateSize: raw.intermediate_size,
    layers: raw.num_hidden_layers,
    heads: raw.num_attention_heads,
    kvHeads,
    headDim,
    vocabSize: raw.vocab_size,
    rmsNormEps: raw.rms_norm_eps,
    rope: ropeOf(raw, file),
    tieWordEmbeddings: raw.tie_word_embeddings,
    ...biasesOf(family, raw),
    maxPositionEmbeddings: raw.max_position_embeddings,
    bosTokenId: listOf(raw.bos_token_id)[0] ?? null,
    eosTokenIds: listOf(generationEos.eos_token_id ?? raw.eos_token_id),
    padTokenId: listOf(raw.pad_token_id)[0] ?? null,
  };
}

function familyOf(json: unknown, file: string): ModelFamily {
  const modelType = parse(z.looseObject({ model_type: z.string() }), json, file).model_type;
  const family = MODEL_FAMILIES.find((name) => name === modelType);
  if (family !== undefined) return family;
  throw new AppError({
    code: 'MODEL-FAMILY',
    message: `${file}: model_type "${modelType.slice(0, 100)}" is not supported; ${MODEL_FAMILIES.join(' and ')} are.`,
    data: { file, modelType, supported: MODEL_FAMILIES },
    remedy: 'Choose a model of a supported family, such as Llama 3, SmolLM2 or Qwen2.5.',
  });
}

/** Llama switches its biases in the file; Qwen2's are fixed in its definition. */
function biasesOf(family: ModelFamily, raw: RawConfig): Pick<ModelConfig, 'qkvBias' | 'oBias' | 'mlpBias'> {
  if (family === 'qwen2') return { qkvBias: true, oBias: false, mlpBias: false };
  return { qkvBias: raw.attention_bias, oBias: raw.attention_bias, mlpBias: raw.mlp_bias };
}

function refuseUnsupported(raw: RawConfig, file: string): void {
  if (raw.hidden_act !== 'silu') throw unsupported(file, `hidden_act "${raw.hidden_act}" (only "silu")`);
  if (raw.quantization_config !== undefined && raw.quantization_config !== null) {
    throw unsupported(file, 'quantization_config: the weights are stored quantised');
  }
  const window = raw.sliding_window ?? null;
  if (raw.use_sliding_window && window !== null && window < raw.max_position_embeddings && hasSlidingLayer(raw)) {
    throw unsupported(file, `use_sliding_window with sliding_window ${window}`);
  }
}

/** As transformers does: explicit `layer_types`, else the layers from max_window_layers (28 if unset) on. */
function hasSlidingLayer(raw: RawConfig): boolean {
  if (raw.layer_types) return raw.layer_types.includes('sliding_attention');
  return (raw.max_window_layers ?? 28) < raw.num_hidden_layers;
}

function checkHeads(heads: number, kvHeads: number, headDim: number, file: string): void {
  if (heads % kvHeads !== 0) {
    throw configError(file, `num_attention_heads ${heads} is not a multiple of num_key_value_heads ${kvHeads}`);
  }
  if (!Number.isInteger(headDim)) throw configError(file, 'hidden_size is not a multiple of num_attention_heads');
  if (headDim % 2 !== 0) throw configError(file, `the head width ${headDim} is odd, rotary embedding needs pairs`);
}

function ropeOf(raw: RawConfig, file: string): ModelConfig['rope'] {
  const parameters = raw.rope_parameters ?? raw.rope_scaling ?? {};
  const partial = parameters.partial_rotary_factor ?? raw.partial_rotary_factor ?? 1;
  if (partial !== 1) throw unsupported(file, `partial_rotary_factor ${partial}`);
  if (Object.values(parameters).some((value) => typeof value === 'object' && value !== null && 'rope_type' in value)) {
    throw unsupported(file, 'rope parameters that differ by layer');
  }
  const theta = parameters.rope_theta ?? raw.rope_theta ?? DEFAULT_ROPE_THETA;
  return { theta, scaling: ropeScalingOf(parameters, file) };
}

function ropeScalingOf(parameters: z.infer<typeof ropeSchema>, file: string): RopeScaling {
  const type = parameters.rope_type ?? parameters.type ?? 'default';
  const need = (key: 'factor' | 'low_freq_factor' | 'high_freq_factor' | 'original_max_position_embeddings'): number => {
    const value = parameters[key];
    if (value === undefined) throw configError(file, `rope type "${type}" needs ${key}`);
    return value;
  };
  switch (type) {
    case 'default': return { kind: 'none' };
    case 'linear': return { kind: 'linear', factor: need('factor') };
    case 'llama3': {
      const scaling = {
        kind: 'llama3',
        factor: need('factor'),
        lowFreqFactor: need('low_freq_factor'),
        highFreqFactor: need('high_freq_factor'),
        originalMaxPositionEmbeddings: need('original_max_position_embeddings'),
      } as const;
      if (scaling.lowFreqFactor < scaling.highFreqFactor) return scaling;
      throw configError(file, 'low_freq_factor must be below high_freq_factor');
    }
    default: throw unsupported(file, `rope type "${type.slice(0, 100)}" (default, linear and llama3 are)`);
  }
}

function listOf(ids: number | readonly number[] | null | undefined): readonly number[] {
  if (ids === null || ids === undefined) return [];
  return [...new Set(typeof ids === 'number' ? [ids] : ids)];
}

function parse<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw configError(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'unreadable'}`);
}

function configError(file: string, what: string): AppError {
  return new AppError({
    code: 'MODEL-CONFIG',
    message: `${file}: ${what}.`,
    data: { file },
    remedy: 'The file does not describe a usable model. Download the model again.',
  });
}

function unsupported(file: string, what: string): AppError {
  return new AppError({
    code: 'MODEL-UNSUPPORTED',
    message: `${file}: not supported: ${what}.`,
    data: { file },
    remedy: 'Choose another model, or an unquantised or plain variant of this one.',
  });
}
