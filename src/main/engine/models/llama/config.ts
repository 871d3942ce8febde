/** @file config.json of Llama and of families that share its graph: what is read, what transformers fills in, what is refused. */
import { z } from 'zod';
import { unsupported } from '../config-errors.ts';
import { checkHeads, checkRotaryWidth, commonFields, flag, parseConfig, size, tokensOf, type ConfigSource } from '../config-fields.ts';
import { partialRotaryOf, ropeFields, ropeOf, type Rope } from '../rope-config.ts';

export interface LlamaConfig {
  readonly family: string;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly vocabSize: number;
  readonly rmsNormEps: number;
  readonly rope: Rope;
  readonly tieWordEmbeddings: boolean;
  /** q, k and v projections have a bias. */
  readonly qkvBias: boolean;
  readonly oBias: boolean;
  readonly mlpBias: boolean;
  readonly maxPositionEmbeddings: number;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
}

/** What transformers 5.18 takes for a key that config.json leaves out. */
const DEFAULTS = {
  vocab_size: 32_000,
  hidden_size: 4096,
  intermediate_size: 11_008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  max_position_embeddings: 2048,
  bos_token_id: 1,
  eos_token_id: 2,
} as const;

const schema = z.looseObject({
  ...commonFields,
  ...ropeFields,
  intermediate_size: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  rms_norm_eps: z.number().positive().max(1).default(1e-6),
  hidden_act: z.string().default('silu'),
  attention_bias: flag,
  mlp_bias: flag,
  use_sliding_window: flag,
  sliding_window: size.nullish(),
  max_window_layers: z.int().min(0).nullish(),
  layer_types: z.array(z.string()).nullish(),
});
type RawConfig = z.infer<typeof schema>;
type Biases = Pick<LlamaConfig, 'qkvBias' | 'oBias' | 'mlpBias'>;

/** @throws AppError MODEL-CONFIG, MODEL-UNSUPPORTED */
export function parseLlamaConfig(source: ConfigSource): LlamaConfig {
  return readLlamaLike('llama', source, DEFAULTS, ({ attention_bias: attention, mlp_bias: mlp }) => ({
    qkvBias: attention ?? false,
    oBias: attention ?? false,
    mlpBias: mlp ?? false,
  }));
}

/** For families that differ from Llama by their defaults and their biases. @throws AppError MODEL-CONFIG, MODEL-UNSUPPORTED */
export function readLlamaLike(family: string, source: ConfigSource, defaults: object, biasesOf: (raw: RawConfig) => Biases): LlamaConfig {
  const raw = parseConfig(schema, defaults, source);
  const { file } = source;
  const kvHeads = raw.num_key_value_heads ?? raw.num_attention_heads;
  const headDim = raw.head_dim ?? raw.hidden_size / raw.num_attention_heads;
  refuseUnsupported(raw, file);
  checkHeads(raw.num_attention_heads, kvHeads, headDim, file);
  checkRotaryWidth(headDim, file);
  const tokens = tokensOf(raw, source);
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
    ...biasesOf(raw),
    maxPositionEmbeddings: raw.max_position_embeddings,
    bosTokenId: tokens.bos,
    eosTokenIds: tokens.eos,
    padTokenId: tokens.pad,
  };
}

/** Two names of one function. */
const SILU: ReadonlySet<string> = new Set(['silu', 'swish']);

function refuseUnsupported(raw: RawConfig, file: string): void {
  if (!SILU.has(raw.hidden_act)) throw unsupported(file, `hidden_act "${raw.hidden_act}" (only "silu")`);
  const partial = partialRotaryOf(raw);
  if (partial !== 1) throw unsupported(file, `partial_rotary_factor ${partial}`);
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
