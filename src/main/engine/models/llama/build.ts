/** @file Llama 2/3, SmolLM2, DeepSeek-coder: RMSNorm, rotary GQA, SwiGLU; biases only where config.json asks for them. */
import type { Value } from '../../ir/graph.ts';
import { decoderLayer, decoderLinears } from '../../nn/decoder.ts';
import type { TableSpec } from '../../nn/parameters.ts';
import { ropeTables } from '../../nn/rope.ts';
import type { ConfigSource } from '../config-fields.ts';
import { linearTensors, type ForwardContext, type Model, type TensorSpec } from '../model.ts';
import { dynamicLimit, rotaryAmplitude, ropeState } from '../rope-frequencies.ts';
import { parseLlamaConfig, type LlamaConfig } from './config.ts';

const EMBEDDING = 'model.embed_tokens';
const NORM = 'model.norm.weight';
const HEAD = 'lm_head';

/** @throws AppError MODEL-CONFIG, MODEL-UNSUPPORTED */
export function llama(source: ConfigSource): Model {
  return llamaModel(parseLlamaConfig(source));
}

/** Any family that computes what Llama computes. */
export function llamaModel(config: LlamaConfig): Model {
  const { layers, hiddenSize, vocabSize, heads, kvHeads, headDim, tieWordEmbeddings: isTied, maxPositionEmbeddings: context } = config;
  const rule = { scale: 1 / Math.sqrt(headDim), window: null };
  return {
    family: config.family,
    config,
    sizes: { layers, hiddenSize, vocabSize, heads, kvHeads, headDim, context },
    tokens: { bos: config.bosTokenId, eos: config.eosTokenIds, pad: config.padTokenId },
    linears: layerIndices(config).flatMap((layer) => decoderLinears(config, layer)),
    tables: { embedding: table(config, EMBEDDING), head: table(config, HEAD) },
    tensors: tensors(config),
    prefix: 'model.',
    constants: [ropeState(config.rope, headDim)],
    limit: dynamicLimit(config.rope, context),
    facts: [
      ['intermediate', config.intermediateSize],
      ['tied', isTied],
    ],
    notices: [],
    isHarmless: (tensor) => tensor.endsWith('rotary_emb.inv_freq') || (isTied && tensor === `${HEAD}.weight`),
    attention: () => rule,
    hidden: (forward) => hidden(config, forward),
    head: ({ b, parameters }, rows) => ({
      x: b.rmsNorm(rows, parameters.weight(NORM, [hiddenSize]), config.rmsNormEps),
      weight: parameters.head(table(config, HEAD), isTied ? table(config, EMBEDDING) : null),
    }),
    withLayers: (count) => llamaModel({ ...config, layers: count }),
  };
}

function hidden(config: LlamaConfig, { b, parameters, ids, positions, attend }: ForwardContext): Value {
  const [batch, tokens] = ids.type.shape as [number, number];
  const rope = ropeTables(b, positions, config.headDim, rotaryAmplitude(config.rope));
  const embedded = parameters.embedding(b.reshape(ids, [batch * tokens]), table(config, EMBEDDING));
  return layerIndices(config).reduce((h, layer) => decoderLayer({ b, shape: config, parameters, rope, attend }, layer, h), embedded);
}

function tensors(config: LlamaConfig): ReadonlyMap<string, TensorSpec> {
  const rows = { shape: [config.vocabSize, config.hiddenSize], decays: true };
  const norm = { shape: [config.hiddenSize], decays: false };
  const result = new Map<string, TensorSpec>([[`${EMBEDDING}.weight`, rows]]);
  for (const layer of layerIndices(config)) {
    result.set(`model.layers.${layer}.input_layernorm.weight`, norm);
    result.set(`model.layers.${layer}.post_attention_layernorm.weight`, norm);
    for (const linear of decoderLinears(config, layer)) for (const [name, tensor] of linearTensors(linear)) result.set(name, tensor);
  }
  result.set(NORM, norm);
  if (!config.tieWordEmbeddings) result.set(`${HEAD}.weight`, rows);
  return result;
}

function table({ vocabSize: vocab, hiddenSize: width }: LlamaConfig, path: string): TableSpec {
  return { path, vocab, width };
}

function layerIndices({ layers }: LlamaConfig): number[] {
  return Array.from({ length: layers }, (_, layer) => layer);
}
