import type { ModelConfig } from '../../../shared/domain/model.ts';

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A linear layer as LoRA sees it; the weight is `[out, in]`. */
export interface LinearModule {
  /** Path in the model, e.g. `model.layers.0.self_attn.q_proj`. */
  readonly path: string;
  readonly in: number;
  readonly out: number;
  readonly bias: boolean;
}

/**
 * Every linear layer inside the decoder layers, in the order in which a layer computes them: what LoRA's "all-linear" means
 * (the head is never part of it). Names of spec section 7; the same for llama and qwen2.
 */
export function linearModules(config: ModelConfig): readonly LinearModule[] {
  const { hiddenSize: hidden, intermediateSize: inner } = config;
  const queries = config.heads * config.headDim;
  const keys = config.kvHeads * config.headDim;
  return Array.from({ length: config.layers }, (_, layer) => {
    const prefix = `model.layers.${layer}`;
    return [
      { path: `${prefix}.self_attn.q_proj`, in: hidden, out: queries, bias: config.qkvBias },
      { path: `${prefix}.self_attn.k_proj`, in: hidden, out: keys, bias: config.qkvBias },
      { path: `${prefix}.self_attn.v_proj`, in: hidden, out: keys, bias: config.qkvBias },
      { path: `${prefix}.self_attn.o_proj`, in: queries, out: hidden, bias: config.oBias },
      { path: `${prefix}.mlp.gate_proj`, in: hidden, out: inner, bias: config.mlpBias },
      { path: `${prefix}.mlp.up_proj`, in: hidden, out: inner, bias: config.mlpBias },
      { path: `${prefix}.mlp.down_proj`, in: inner, out: hidden, bias: config.mlpBias },
    ];
  }).flat();
}

/** Every tensor the model needs, with its shape. A tied model has no `lm_head.weight`. */
export function expectedTensors(config: ModelConfig): readonly NamedShape[] {
  const { hiddenSize: hidden, vocabSize: vocab } = config;
  const tensors: NamedShape[] = [{ name: 'model.embed_tokens.weight', shape: [vocab, hidden] }];
  for (const module of linearModules(config)) {
    tensors.push({ name: `${module.path}.weight`, shape: [module.out, module.in] });
    if (module.bias) tensors.push({ name: `${module.path}.bias`, shape: [module.out] });
  }
  for (let layer = 0; layer < config.layers; layer++) {
    tensors.push({ name: `model.layers.${layer}.input_layernorm.weight`, shape: [hidden] });
    tensors.push({ name: `model.layers.${layer}.post_attention_layernorm.weight`, shape: [hidden] });
  }
  tensors.push({ name: 'model.norm.weight', shape: [hidden] });
  if (!config.tieWordEmbeddings) tensors.push({ name: 'lm_head.weight', shape: [vocab, hidden] });
  return tensors;
}
