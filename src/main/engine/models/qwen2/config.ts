import type { ConfigSource } from '../config-fields.ts';
import { readLlamaLike, type LlamaConfig } from '../llama/config.ts';

/** What transformers 5.18 takes for a key that config.json leaves out. */
const DEFAULTS = {
  vocab_size: 151_936,
  hidden_size: 4096,
  intermediate_size: 22_016,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 32,
  max_position_embeddings: 32_768,
} as const;

/** Llama's keys; the biases are fixed in the family's definition, whatever the file says. @throws AppError MODEL-CONFIG, MODEL-UNSUPPORTED */
export function parseQwen2Config(source: ConfigSource): LlamaConfig {
  return readLlamaLike('qwen2', source, DEFAULTS, () => ({ qkvBias: true, oBias: false, mlpBias: false }));
}
