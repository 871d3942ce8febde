/** @file config.json of GPT-NeoX (gpt-neox-20b, Pythia): what is read, what transformers fills in, what is refused. */
import { z } from 'zod';
import { ACTIVATIONS, isActivation, type Activation } from '../../nn/activation.ts';
import { configError, unsupported } from '../config-errors.ts';
import { checkHeads, checkRotaryWidth, commonFields, flag, parseConfig, size, tokensOf, type ConfigSource } from '../config-fields.ts';
import type { ModelTokens } from '../model.ts';
import { partialRotaryOf, ropeFields, ropeOf, type Rope } from '../rope-config.ts';

export interface GptNeoxConfig {
  readonly layers: number;
  readonly heads: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly vocabSize: number;
  readonly context: number;
  readonly normEps: number;
  readonly activation: Activation;
  /** Attention and MLP read the same residual stream, or one after the other. */
  readonly parallel: boolean;
  /** `query_key_value` and `dense` have biases; the MLP always has. */
  readonly attentionBias: boolean;
  readonly tied: boolean;
  readonly rope: Rope;
  /** The first so many of a head's numbers are rotated. */
  readonly rotaryWidth: number;
  /** In training, by transformers. */
  readonly dropout: number;
  readonly tokens: ModelTokens;
}

/** What transformers 5.18 takes for a key that config.json leaves out. */
const DEFAULTS = {
  vocab_size: 50_432,
  hidden_size: 6144,
  num_hidden_layers: 44,
  num_attention_heads: 64,
  max_position_embeddings: 2048,
  bos_token_id: 0,
  eos_token_id: 2,
} as const;

const share = z.number().min(0).max(1);
const schema = z.looseObject({
  ...commonFields,
  ...ropeFields,
  intermediate_size: size.default(24_576),
  layer_norm_eps: z.number().positive().max(1).default(1e-5),
  hidden_act: z.string().default('gelu'),
  use_parallel_residual: flag,
  attention_bias: flag,
  rotary_pct: z.number().nullish(),
  rotary_emb_base: z.number().positive().nullish(),
  attention_dropout: share.default(0),
  hidden_dropout: share.default(0),
});

/** @throws AppError MODEL-CONFIG, MODEL-UNSUPPORTED */
export function parseGptNeoxConfig(source: ConfigSource): GptNeoxConfig {
  const { file } = source;
  const raw = parseConfig(schema, DEFAULTS, source);
  const { num_attention_heads: heads, hidden_size: hiddenSize, hidden_act: activation } = raw;
  if (!isActivation(activation)) {
    throw unsupported(file, `hidden_act "${activation.slice(0, 100)}" (${Object.keys(ACTIVATIONS).join(', ')} are)`);
  }
  const headDim = hiddenSize / heads;
  checkHeads(heads, heads, headDim, file);
  // transformers knows these two by their old names alone; keys of other families beside them are not read.
  const rotary = { ...raw, rope_theta: raw.rotary_emb_base, partial_rotary_factor: raw.rotary_pct ?? 0.25 };
  return {
    layers: raw.num_hidden_layers,
    heads,
    hiddenSize,
    intermediateSize: raw.intermediate_size,
    vocabSize: raw.vocab_size,
    context: raw.max_position_embeddings,
    normEps: raw.layer_norm_eps,
    activation,
    parallel: raw.use_parallel_residual ?? true,
    attentionBias: raw.attention_bias ?? true,
    tied: raw.tie_word_embeddings ?? false,
    rope: ropeOf(rotary, file),
    rotaryWidth: rotaryWidthOf(headDim, partialRotaryOf(rotary), file),
    dropout: Math.max(raw.attention_dropout, raw.hidden_dropout),
    tokens: tokensOf(raw, source),
  };
}

function rotaryWidthOf(headDim: number, part: number, file: string): number {
  const width = Math.trunc(headDim * part);
  if (width < 1 || width > headDim) throw configError(file, `rotary_pct ${part} would rotate ${width} of the ${headDim} numbers of a head`);
  checkRotaryWidth(width, file);
  return width;
}
