/** @file config.json of OPT (125m to 66b, Galactica): what is read, what transformers fills in, what is refused. */
import { z } from 'zod';
import { ACTIVATIONS, isActivation, type Activation } from '../../nn/activation.ts';
import { unsupported } from '../config-errors.ts';
import { checkHeads, commonFields, flag, parseConfig, size, tokensOf, type ConfigSource } from '../config-fields.ts';
import type { ModelTokens } from '../model.ts';

export interface OptConfig {
  readonly layers: number;
  readonly heads: number;
  readonly hiddenSize: number;
  readonly ffnSize: number;
  readonly vocabSize: number;
  /** Width of the embedding and of the head; `project_in` and `project_out` stand between it and `hiddenSize` where they differ. */
  readonly embeddingSize: number;
  /** Positions that are learned. */
  readonly positions: number;
  readonly activation: Activation;
  /** Norms stand before attention and MLP (125m), or after them (350m). */
  readonly normFirst: boolean;
  readonly finalNorm: boolean;
  readonly bias: boolean;
  /** Norms have weights and biases. */
  readonly affineNorms: boolean;
  readonly tied: boolean;
  /** In training, by transformers. */
  readonly dropout: number;
  readonly tokens: ModelTokens;
}

/** What transformers 5.18 takes for a key that config.json leaves out. */
const DEFAULTS = {
  vocab_size: 50_272,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  max_position_embeddings: 2048,
  bos_token_id: 2,
  eos_token_id: 2,
  pad_token_id: 1,
} as const;

const share = z.number().min(0).max(1);
const schema = z.looseObject({
  ...commonFields,
  ffn_dim: size.default(3072),
  word_embed_proj_dim: size.nullish(),
  activation_function: z.string().default('relu'),
  do_layer_norm_before: flag,
  _remove_final_layer_norm: flag,
  enable_bias: flag,
  layer_norm_elementwise_affine: flag,
  dropout: share.default(0.1),
  attention_dropout: share.default(0),
  layerdrop: share.default(0),
});

/** @throws AppError MODEL-CONFIG, MODEL-UNSUPPORTED */
export function parseOptConfig(source: ConfigSource): OptConfig {
  const raw = parseConfig(schema, DEFAULTS, source);
  const { num_attention_heads: heads, hidden_size: hiddenSize, activation_function: activation } = raw;
  if (!isActivation(activation)) {
    throw unsupported(source.file, `activation_function "${activation.slice(0, 100)}" (${Object.keys(ACTIVATIONS).join(', ')} are)`);
  }
  checkHeads(heads, heads, hiddenSize / heads, source.file);
  const normFirst = raw.do_layer_norm_before ?? true;
  return {
    layers: raw.num_hidden_layers,
    heads,
    hiddenSize,
    ffnSize: raw.ffn_dim,
    vocabSize: raw.vocab_size,
    embeddingSize: raw.word_embed_proj_dim ?? hiddenSize,
    positions: raw.max_position_embeddings,
    activation,
    normFirst,
    finalNorm: normFirst && !(raw['_remove_final_layer_norm'] ?? false),
    bias: raw.enable_bias ?? true,
    affineNorms: raw.layer_norm_elementwise_affine ?? true,
    tied: raw.tie_word_embeddings ?? true,
    dropout: Math.max(raw.dropout, raw.attention_dropout, raw.layerdrop),
    tokens: tokensOf(raw, source),
  };
}
