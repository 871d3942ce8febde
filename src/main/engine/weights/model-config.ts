import { z } from 'zod';
import { MODEL_FAMILIES, type ModelConfig, type ModelFamily } from '../../../shared/domain/model.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { configError, unsupported } from './config-errors.ts';
import { ropeOf, ropeSchema } from './rope-config.ts';

const size = z.int().min(1).max(16_777_216);
/** Libraries of old write -1 for "none". */
const tokenId = z.int().min(-1).max(16_777_216);
const tokenIds = z.union([tokenId, z.array(tokenId)]).nullish();
const flag = z.boolean().nullish();

/** What transformers 5.18 takes for a key that config.json leaves out. */
const FAMILY_DEFAULTS = {
  llama: {
    vocab_size: 32_000, hidden_size: 4096, intermediate_size: 11_008, num_hidden_layers: 32, num_attention_heads: 32,
    max_position_embeddings: 2048, bos_token_id: 1, eos_token_id: 2,
  },
  qwen2: {
    vocab_size: 151_936, hidden_size: 4096, intermediate_size: 22_016, num_hidden_layers: 32, num_attention_heads: 32, num_key_value_heads: 32,
    max_position_embeddings: 32_768,
  },
} as const satisfies { readonly [K in ModelFamily]: object };

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
  original_max_position_embeddings: z.number().positive().nullish(),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: ropeSchema.nullish(),
  partial_rotary_factor: z.number().nullish(),
  tie_word_embeddings: flag,
  attention_bias: flag,
  mlp_bias: flag,
  use_sliding_window: flag,
  sliding_window: size.nullish(),
  max_window_layers: z.int().min(0).nullish(),
  layer_types: z.array(z.string()).nullish(),
  quantization_config: z.unknown().optional(),
  bos_token_id: tokenIds,
  eos_token_id: tokenIds,
  pad_token_id: tokenIds,
});
type RawConfig = z.infer<typeof configSchema>;
/** Two names of one function. */
const SILU: ReadonlySet<string> = new Set(['silu', 'swish']);
const generationSchema = z.looseObject({ eos_token_id: tokenIds });

/**
 * config.json (and generation_config.json, if there is one) as a ModelConfig. What the engine would compute
 * differently from transformers is refused by name.
 * @param file path of config.json, for messages
 * @throws AppError MODEL-CONFIG, MODEL-FAMILY, MODEL-UNSUPPORTED
 */
export function parseModelConfig(json: unknown, generation: unknown, file: string): ModelConfig {
  const family = familyOf(json, file);
  const raw = parse(configSchema, { ...FAMILY_DEFAULTS[family], ...(json as object) }, file);
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
    tieWordEmbeddings: raw.tie_word_embeddings ?? false,
    ...biasesOf(family, raw),
    maxPositionEmbeddings: raw.max_position_embeddings,
    bosTokenId: listOf(raw.bos_token_id)[0] ?? null,
    eosTokenIds: eosOf(generationEos.eos_token_id, raw.eos_token_id),
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
  const attention = raw.attention_bias ?? false;
  return { qkvBias: attention, oBias: attention, mlpBias: raw.mlp_bias ?? false };
}

function refuseUnsupported(raw: RawConfig, file: string): void {
  if (!SILU.has(raw.hidden_act)) throw unsupported(file, `hidden_act "${raw.hidden_act}" (only "silu")`);
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

function eosOf(generation: TokenIds, config: TokenIds): readonly number[] {
  const ids = listOf(generation);
  return ids.length > 0 ? ids : listOf(config);
}

type TokenIds = number | readonly number[] | null | undefined;

function listOf(ids: TokenIds): readonly number[] {
  if (ids === null || ids === undefined) return [];
  return [...new Set(typeof ids === 'number' ? [ids] : ids)].filter((id) => id >= 0);
}

function parse<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw configError(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'unreadable'}`);
}
