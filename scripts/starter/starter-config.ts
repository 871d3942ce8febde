/** @file The shape of the starter model: 4.8 million parameters, 9.6 MB as float16. */
import type { LlamaConfig } from '../../src/main/engine/models/llama/config.ts';

/** Ids 0 to 3. Documents end with the first, turns with the third. */
export const SPECIAL_TOKENS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|pad|>'] as const;

/** Small on purpose: rare words of the corpus fall into pieces, so the pieces are learned and new words can be made of them. */
export const VOCAB_SIZE = 1024;
export const MAX_POSITIONS = 512;

export const STARTER_MODEL: LlamaConfig = {
  family: 'llama',
  hiddenSize: 256,
  intermediateSize: 768,
  layers: 6,
  heads: 8,
  kvHeads: 2,
  headDim: 32,
  vocabSize: VOCAB_SIZE,
  rmsNormEps: 1e-5,
  rope: { theta: 10_000, scaling: { kind: 'none' } },
  tieWordEmbeddings: true,
  qkvBias: false,
  oBias: false,
  mlpBias: false,
  maxPositionEmbeddings: MAX_POSITIONS,
  bosTokenId: 0,
  eosTokenIds: [2, 0],
  padTokenId: 3,
};

/** config.json as transformers writes it for a Llama of this shape. */
export function configJson(config: LlamaConfig): object {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    attention_bias: config.qkvBias,
    attention_dropout: 0,
    bos_token_id: config.bosTokenId,
    eos_token_id: config.eosTokenIds[0],
    pad_token_id: config.padTokenId,
    head_dim: config.headDim,
    hidden_act: 'silu',
    hidden_size: config.hiddenSize,
    initializer_range: 0.02,
    intermediate_size: config.intermediateSize,
    max_position_embeddings: config.maxPositionEmbeddings,
    mlp_bias: config.mlpBias,
    num_attention_heads: config.heads,
    num_hidden_layers: config.layers,
    num_key_value_heads: config.kvHeads,
    rms_norm_eps: config.rmsNormEps,
    rope_theta: config.rope.theta,
    rope_scaling: null,
    tie_word_embeddings: config.tieWordEmbeddings,
    dtype: 'float16',
    use_cache: true,
    vocab_size: config.vocabSize,
  };
}

/** Greedy by default: a model this small answers best with its first thought. */
export function generationConfigJson(config: LlamaConfig): object {
  return { bos_token_id: config.bosTokenId, eos_token_id: config.eosTokenIds, pad_token_id: config.padTokenId, do_sample: false, max_new_tokens: 96 };
}
