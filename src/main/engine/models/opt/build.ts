/** @file OPT: learned positions, LayerNorm before (125m) or after (350m) each half of a layer, a plain two-layer MLP. */
import type { Value } from '../../ir/graph.ts';
import { ACTIVATIONS } from '../../nn/activation.ts';
import type { LinearSpec, TableSpec } from '../../nn/parameters.ts';
import type { ConfigSource } from '../config-fields.ts';
import { linearTensors, type ForwardContext, type Model, type TensorSpec } from '../model.ts';
import { parseOptConfig, type OptConfig } from './config.ts';

const ROOT = 'model.decoder';
const EMBEDDING = `${ROOT}.embed_tokens`;
const POSITIONS = `${ROOT}.embed_positions.weight`;
const FINAL_NORM = `${ROOT}.final_layer_norm`;
const HEAD = 'lm_head';
/** The table's first two rows are for padding: position 0 is row 2. */
const POSITION_OFFSET = 2;
/** PyTorch's, which config.json cannot change. */
const NORM_EPS = 1e-5;

type WeightContext = Pick<ForwardContext, 'b' | 'parameters'>;

/** @throws AppError MODEL-CONFIG, MODEL-UNSUPPORTED */
export function opt(source: ConfigSource): Model {
  return optModel(parseOptConfig(source));
}

export function optModel(config: OptConfig): Model {
  const { layers, hiddenSize, vocabSize, heads, embeddingSize, positions: context, tied } = config;
  const headDim = hiddenSize / heads;
  const rule = { scale: 1 / Math.sqrt(headDim), window: null };
  const { projectIn, projectOut } = projections(config);
  return {
    family: 'opt',
    config,
    sizes: { layers, hiddenSize, vocabSize, heads, kvHeads: heads, headDim, context },
    tokens: config.tokens,
    linears: [...projectIn, ...layerIndices(config).flatMap((layer) => Object.values(layerLinears(config, layer))), ...projectOut],
    tables: { embedding: table(config, EMBEDDING), head: table(config, HEAD) },
    tensors: tensors(config),
    prefix: 'model.',
    constants: [],
    limit: { code: 'E-POSITIONS', tokens: context, because: `The model has learned ${context} positions` },
    facts: [['intermediate', config.ffnSize], ['tied', tied], ...(projectIn.length > 0 ? [['Embedding width', embeddingSize] as const] : [])],
    notices: config.dropout > 0 ? [`config.json asks for dropout of up to ${config.dropout} in training; Tunesmith trains without it.`] : [],
    isHarmless: (tensor) => tied && tensor === `${HEAD}.weight`,
    attention: () => rule,
    hidden: (forward) => hidden(config, forward),
    head: (forward, rows) => {
      const { parameters } = forward;
      const normed = config.finalNorm ? norm(config, forward, FINAL_NORM, rows) : rows;
      const x = projectOut.reduce((h, linear) => parameters.linear(h, linear), normed);
      return { x, weight: parameters.head(table(config, HEAD), tied ? table(config, EMBEDDING) : null) };
    },
    withLayers: (count) => optModel({ ...config, layers: count }),
  };
}

interface LayerLinears {
  readonly q: LinearSpec;
  readonly k: LinearSpec;
  readonly v: LinearSpec;
  readonly out: LinearSpec;
  readonly fc1: LinearSpec;
  readonly fc2: LinearSpec;
}

/** In the order of execution, which is that of `all-linear`. */
function layerLinears({ hiddenSize, ffnSize, bias }: OptConfig, layer: number): LayerLinears {
  const linear = (name: string, width: number, out: number): LinearSpec => ({ path: `${ROOT}.layers.${layer}.${name}`, in: width, out, bias });
  return {
    q: linear('self_attn.q_proj', hiddenSize, hiddenSize),
    k: linear('self_attn.k_proj', hiddenSize, hiddenSize),
    v: linear('self_attn.v_proj', hiddenSize, hiddenSize),
    out: linear('self_attn.out_proj', hiddenSize, hiddenSize),
    fc1: linear('fc1', hiddenSize, ffnSize),
    fc2: linear('fc2', ffnSize, hiddenSize),
  };
}

/** Between the embedding's width and that of the layers, where they differ (350m). */
function projections({ hiddenSize, embeddingSize }: OptConfig): {
  readonly projectIn: readonly LinearSpec[];
  readonly projectOut: readonly LinearSpec[];
} {
  if (embeddingSize === hiddenSize) return { projectIn: [], projectOut: [] };
  return {
    projectIn: [{ path: `${ROOT}.project_in`, in: embeddingSize, out: hiddenSize, bias: false }],
    projectOut: [{ path: `${ROOT}.project_out`, in: hiddenSize, out: embeddingSize, bias: false }],
  };
}

function hidden(config: OptConfig, forward: ForwardContext): Value {
  const { b, parameters, ids, positions } = forward;
  const [batch, tokens] = ids.type.shape as [number, number];
  const flat = (x: Value) => b.reshape(x, [batch * tokens]);
  const words = parameters.embedding(flat(ids), table(config, EMBEDDING));
  const wide = projections(config).projectIn.reduce((x, linear) => parameters.linear(x, linear), words);
  // Padding may lie beyond the table; what is read for it is never looked at.
  const known = b.min(flat(positions), b.constant(config.positions - 1, 'i32'));
  const learned = parameters.weight(POSITIONS, [config.positions + POSITION_OFFSET, config.hiddenSize]);
  const places = b.gather(learned, b.add(known, b.constant(POSITION_OFFSET, 'i32')));
  return layerIndices(config).reduce((h, layer) => decoderLayer(config, forward, layer, h), b.add(wide, places));
}

/** @param h [B * T, hidden] */
function decoderLayer(config: OptConfig, forward: ForwardContext, layer: number, h: Value): Value {
  const path = `${ROOT}.layers.${layer}`;
  return forward.b.within(path, () => {
    const attended = half(config, forward, `${path}.self_attn_layer_norm`, h, (x) => attention(config, forward, layer, x));
    return half(config, forward, `${path}.final_layer_norm`, attended, (x) => mlp(config, forward, layer, x));
  });
}

/** h + part(norm(h)), or norm(h + part(h)) where norms come last. */
function half(config: OptConfig, forward: ForwardContext, normPath: string, h: Value, part: (x: Value) => Value): Value {
  const { b } = forward;
  if (config.normFirst) return b.add(h, part(norm(config, forward, normPath, h)));
  return norm(config, forward, normPath, b.add(h, part(h)));
}

function attention(config: OptConfig, { b, parameters, ids, attend }: ForwardContext, layer: number, x: Value): Value {
  const { q, k, v, out } = layerLinears(config, layer);
  const [batch, tokens] = ids.type.shape as [number, number];
  const heads = (linear: LinearSpec) => b.reshape(parameters.linear(x, linear), [batch, tokens, config.heads, config.hiddenSize / config.heads]);
  const attended = attend(layer, heads(q), heads(k), heads(v));
  return parameters.linear(b.reshape(attended, [batch * tokens, config.hiddenSize]), out);
}

function mlp(config: OptConfig, { b, parameters }: ForwardContext, layer: number, x: Value): Value {
  const { fc1, fc2 } = layerLinears(config, layer);
  return parameters.linear(ACTIVATIONS[config.activation](b, parameters.linear(x, fc1)), fc2);
}

function norm({ affineNorms, hiddenSize }: OptConfig, { b, parameters }: WeightContext, path: string, x: Value): Value {
  const part = (name: 'weight' | 'bias', plain: number) =>
    affineNorms ? parameters.weight(`${path}.${name}`, [hiddenSize]) : b.constant(plain, x.type.dtype, [hiddenSize]);
  return b.layerNorm(x, part('weight', 1), part('bias', 0), NORM_EPS);
}

function tensors(config: OptConfig): ReadonlyMap<string, TensorSpec> {
  const { hiddenSize, vocabSize, embeddingSize } = config;
  const { projectIn, projectOut } = projections(config);
  const words = { shape: [vocabSize, embeddingSize], decays: true };
  const norms = (path: string) =>
    config.affineNorms ? ['weight', 'bias'].map((name) => [`${path}.${name}`, { shape: [hiddenSize], decays: false }] as const) : [];
  const layers = layerIndices(config).flatMap((layer) => {
    const { q, k, v, out, fc1, fc2 } = layerLinears(config, layer);
    const path = `${ROOT}.layers.${layer}`;
    return [
      ...norms(`${path}.self_attn_layer_norm`),
      ...[q, k, v, out].flatMap(linearTensors),
      ...norms(`${path}.final_layer_norm`),
      ...[fc1, fc2].flatMap(linearTensors),
    ];
  });
  return new Map<string, TensorSpec>([
    [`${EMBEDDING}.weight`, words],
    [POSITIONS, { shape: [config.positions + POSITION_OFFSET, hiddenSize], decays: true }],
    ...projectIn.flatMap(linearTensors),
    ...layers,
    ...(config.finalNorm ? norms(FINAL_NORM) : []),
    ...projectOut.flatMap(linearTensors),
    ...(config.tied ? [] : [[`${HEAD}.weight`, words] as const]),
  ]);
}

function table({ vocabSize: vocab, embeddingSize: width }: OptConfig, path: string): TableSpec {
  return { path, vocab, width };
}

function layerIndices({ layers }: OptConfig): number[] {
  return Array.from({ length: layers }, (_, layer) => layer);
}
