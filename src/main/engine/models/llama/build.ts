/** @file Llama 2/3, SmolLM2, DeepSeek-coder: RMSNorm, rotary GQA, SwiGLU; biases only where config.json asks for them. */
import type { ModelConfig } from '../../../../shared/domain/model.ts';
import type { Shape } from '../../ir/shape.ts';
import { decoderLayer, decoderLinears } from '../../nn/decoder.ts';
import { ropeTables } from '../../nn/rope.ts';
import type { ModelDefinition } from '../model.ts';
import { rotaryAmplitude } from '../rope-frequencies.ts';

const EMBEDDING = 'model.embed_tokens.weight';
const HEAD = 'lm_head.weight';

export const llama: ModelDefinition = {
  hidden({ b, config, parameters, ids, positions, attend }) {
    const [batch, tokens] = ids.type.shape as [number, number];
    const embedding = parameters.weight(EMBEDDING, [config.vocabSize, config.hiddenSize]);
    const rope = ropeTables(b, positions, config.headDim, rotaryAmplitude(config));
    let h = b.gather(embedding, b.reshape(ids, [batch * tokens]));
    for (let layer = 0; layer < config.layers; layer++) {
      h = decoderLayer({ b, shape: config, parameters, rope, attend }, layer, h);
    }
    return h;
  },
  finalNorm: ({ b, config, parameters }, rows) =>
    b.rmsNorm(rows, parameters.weight('model.norm.weight', [config.hiddenSize]), config.rmsNormEps),
  headWeight: ({ config, parameters }) =>
    parameters.weight(config.tieWordEmbeddings ? EMBEDDING : HEAD, [config.vocabSize, config.hiddenSize]),
  linears: (config) => layerIndices(config).flatMap((layer) => decoderLinears(config, layer)),
  tensors,
};

function tensors(config: ModelConfig): ReadonlyMap<string, Shape> {
  const result = new Map<string, Shape>([[EMBEDDING, [config.vocabSize, config.hiddenSize]]]);
  for (const layer of layerIndices(config)) {
    result.set(`model.layers.${layer}.input_layernorm.weight`, [config.hiddenSize]);
    result.set(`model.layers.${layer}.post_attention_layernorm.weight`, [config.hiddenSize]);
    for (const linear of decoderLinears(config, layer)) {
      result.set(`${linear.path}.weight`, [linear.out, linear.in]);
      if (linear.bias) result.set(`${linear.path}.bias`, [linear.out]);
    }
  }
  result.set('model.norm.weight', [config.hiddenSize]);
  if (!config.tieWordEmbeddings) result.set(HEAD, [config.vocabSize, config.hiddenSize]);
  return result;
}

function layerIndices(config: ModelConfig): number[] {
  return Array.from({ length: config.layers }, (_, layer) => layer);
}
