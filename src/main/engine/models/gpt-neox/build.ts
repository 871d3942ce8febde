/** @file GPT-NeoX: LayerNorms with biases, one projection for query, key and value, heads rotated in part, attention beside the MLP or before it. */
import type { Value } from '../../ir/graph.ts';
import { ACTIVATIONS } from '../../nn/activation.ts';
import type { LinearSpec, TableSpec } from '../../nn/parameters.ts';
import { ropeTables, rotateFirst, type RopeTables } from '../../nn/rope.ts';
import type { ConfigSource } from '../config-fields.ts';
import { linearTensors, type ForwardContext, type Model, type TensorSpec } from '../model.ts';
import { dynamicLimit, rotaryAmplitude, ropeState } from '../rope-frequencies.ts';
import { parseGptNeoxConfig, type GptNeoxConfig } from './config.ts';

const ROOT = 'gpt_neox';
const EMBEDDING = `${ROOT}.embed_in`;
const FINAL_NORM = `${ROOT}.final_layer_norm`;
/** In files; transformers 5 calls it `lm_head` in memory. */
const HEAD = 'embed_out';
/** Old files hold the mask and the rotary frequencies of each layer. */
const BUFFERS = ['attention.bias', 'attention.masked_bias', 'rotary_emb.inv_freq'];

type WeightContext = Pick<ForwardContext, 'b' | 'parameters'>;

/** @throws AppError MODEL-CONFIG, MODEL-UNSUPPORTED */
export function gptNeox(source: ConfigSource): Model {
  return gptNeoxModel(parseGptNeoxConfig(source));
}

function gptNeoxModel(config: GptNeoxConfig): Model {
  const { layers, hiddenSize, vocabSize, heads, context, tied, rotaryWidth } = config;
  const headDim = hiddenSize / heads;
  const rule = { scale: 1 / Math.sqrt(headDim), window: null };
  return {
    family: 'gpt_neox',
    config,
    sizes: { layers, hiddenSize, vocabSize, heads, kvHeads: heads, headDim, context },
    tokens: config.tokens,
    linears: layerIndices(config).flatMap((layer) => Object.values(layerLinears(config, layer))),
    tables: { embedding: table(config, EMBEDDING), head: table(config, HEAD) },
    tensors: tensors(config),
    prefix: `${ROOT}.`,
    constants: [ropeState(config.rope, rotaryWidth)],
    limit: dynamicLimit(config.rope, context),
    facts: [
      ['intermediate', config.intermediateSize],
      ['tied', tied],
    ],
    notices: config.dropout > 0 ? [`config.json asks for dropout of up to ${config.dropout} in training; Tunesmith trains without it.`] : [],
    isHarmless: (tensor) => BUFFERS.some((name) => tensor.endsWith(`.${name}`)) || (tied && tensor === `${HEAD}.weight`),
    attention: () => rule,
    hidden: (forward) => hidden(config, forward),
    head: (forward, rows) => ({
      x: norm(config, forward, FINAL_NORM, rows),
      weight: forward.parameters.head(table(config, HEAD), tied ? table(config, EMBEDDING) : null),
    }),
    withLayers: (count) => gptNeoxModel({ ...config, layers: count }),
  };
}

interface LayerLinears {
  readonly queryKeyValue: LinearSpec;
  readonly dense: LinearSpec;
  readonly up: LinearSpec;
  readonly down: LinearSpec;
}

/** In the order of execution, which is that of `all-linear`. */
function layerLinears({ hiddenSize, intermediateSize, attentionBias }: GptNeoxConfig, layer: number): LayerLinears {
  const linear = (name: string, width: number, out: number, bias: boolean): LinearSpec => ({
    path: `${layerPath(layer)}.${name}`,
    in: width,
    out,
    bias,
  });
  return {
    queryKeyValue: linear('attention.query_key_value', hiddenSize, 3 * hiddenSize, attentionBias),
    dense: linear('attention.dense', hiddenSize, hiddenSize, attentionBias),
    up: linear('mlp.dense_h_to_4h', hiddenSize, intermediateSize, true),
    down: linear('mlp.dense_4h_to_h', intermediateSize, hiddenSize, true),
  };
}

function hidden(config: GptNeoxConfig, forward: ForwardContext): Value {
  const { b, parameters, ids, positions } = forward;
  const [batch, tokens] = ids.type.shape as [number, number];
  const rope = ropeTables(b, positions, config.rotaryWidth, rotaryAmplitude(config.rope));
  const embedded = parameters.embedding(b.reshape(ids, [batch * tokens]), table(config, EMBEDDING));
  return layerIndices(config).reduce((h, layer) => b.within(layerPath(layer), () => layerOf(config, forward, rope, layer, h)), embedded);
}

/** @param h [B * T, hidden] */
function layerOf(config: GptNeoxConfig, forward: ForwardContext, rope: RopeTables, layer: number, h: Value): Value {
  const { b } = forward;
  const attended = attention(config, forward, rope, layer, norm(config, forward, `${layerPath(layer)}.input_layernorm`, h));
  const half = (x: Value) => mlp(config, forward, layer, norm(config, forward, `${layerPath(layer)}.post_attention_layernorm`, x));
  if (config.parallel) return b.add(b.add(half(h), attended), h);
  const between = b.add(attended, h);
  return b.add(half(between), between);
}

function attention(config: GptNeoxConfig, { b, parameters, attend }: ForwardContext, rope: RopeTables, layer: number, x: Value): Value {
  const { queryKeyValue, dense } = layerLinears(config, layer);
  const { heads, hiddenSize } = config;
  const [batch, tokens] = rope.cos.type.shape as [number, number, number];
  const headDim = hiddenSize / heads;
  // Rows of the weight lie head by head, in each head query, key, value.
  const fused = b.reshape(parameters.linear(x, queryKeyValue), [batch, tokens, heads, 3 * headDim]);
  const [q, k, v] = [0, 1, 2].map((part) => b.sliceAxis(fused, 3, part * headDim, headDim)) as [Value, Value, Value];
  const attended = attend(layer, rotateFirst(b, q, rope), rotateFirst(b, k, rope), v);
  return parameters.linear(b.reshape(attended, [batch * tokens, hiddenSize]), dense);
}

function mlp(config: GptNeoxConfig, { b, parameters }: ForwardContext, layer: number, x: Value): Value {
  const { up, down } = layerLinears(config, layer);
  return parameters.linear(ACTIVATIONS[config.activation](b, parameters.linear(x, up)), down);
}

function norm({ hiddenSize, normEps }: GptNeoxConfig, { b, parameters }: WeightContext, path: string, x: Value): Value {
  return b.layerNorm(x, parameters.weight(`${path}.weight`, [hiddenSize]), parameters.weight(`${path}.bias`, [hiddenSize]), normEps);
}

function tensors(config: GptNeoxConfig): ReadonlyMap<string, TensorSpec> {
  const rows = { shape: [config.vocabSize, config.hiddenSize], decays: true };
  const norms = (path: string) => ['weight', 'bias'].map((name) => [`${path}.${name}`, { shape: [config.hiddenSize], decays: false }] as const);
  const layers = layerIndices(config).flatMap((layer) => {
    const { queryKeyValue, dense, up, down } = layerLinears(config, layer);
    const path = layerPath(layer);
    return [
      ...norms(`${path}.input_layernorm`),
      ...[queryKeyValue, dense].flatMap(linearTensors),
      ...norms(`${path}.post_attention_layernorm`),
      ...[up, down].flatMap(linearTensors),
    ];
  });
  return new Map<string, TensorSpec>([
    [`${EMBEDDING}.weight`, rows],
    ...layers,
    ...norms(FINAL_NORM),
    ...(config.tied ? [] : [[`${HEAD}.weight`, rows] as const]),
  ]);
}

function table({ vocabSize: vocab, hiddenSize: width }: GptNeoxConfig, path: string): TableSpec {
  return { path, vocab, width };
}

function layerPath(layer: number): string {
  return `${ROOT}.layers.${layer}`;
}

function layerIndices({ layers }: GptNeoxConfig): number[] {
  return Array.from({ length: layers }, (_, layer) => layer);
}
