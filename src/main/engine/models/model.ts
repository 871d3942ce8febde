/**
 * @file What a model is to the rest of the engine: one object that a family makes of a `config.json`. Programs, adapters, generation,
 * the memory plan and the page ask it and know no family.
 */
import type { FactRow } from '../../../shared/domain/model.ts';
import type { StateSpec } from '../backends/backend.ts';
import type { Value } from '../ir/graph.ts';
import type { Shape } from '../ir/shape.ts';
import type { Attend, AttentionRule } from '../nn/attention.ts';
import type { LinearSpec, Parameters, TableSpec } from '../nn/parameters.ts';
import type { GraphBuilder } from '../ops/builder.ts';

export interface ModelSizes {
  readonly layers: number;
  /** Width of the residual stream. */
  readonly hiddenSize: number;
  /** Rows of the embedding and of the head. */
  readonly vocabSize: number;
  /** Query heads. */
  readonly heads: number;
  /** Key and value heads; divides `heads`. */
  readonly kvHeads: number;
  /** Width of a head; `heads * headDim` need not equal `hiddenSize`. */
  readonly headDim: number;
  /** Positions that the model was made for. */
  readonly context: number;
}

export interface ModelTokens {
  readonly bos: number | null;
  /** Ids that end a generated sequence. May be empty. */
  readonly eos: readonly number[];
  readonly pad: number | null;
}

/** A tensor of the checkpoint. */
export interface TensorSpec {
  readonly shape: Shape;
  /** Weight decay applies; it spares norms and biases (spec 5.2). */
  readonly decays: boolean;
}

export interface ForwardContext {
  readonly b: GraphBuilder;
  readonly parameters: Parameters;
  /** i32 [B, T] */
  readonly ids: Value;
  /** i32 [B, T], counted from 0. Where a row is padded, what stands there is never looked at. */
  readonly positions: Value;
  readonly attend: Attend;
}

/** The last linear layer: logits = x weight^T. */
export interface Head {
  /** [R, width] */
  readonly x: Value;
  /** [vocab, width]; the embedding where tied. */
  readonly weight: Value;
}

/** Rows longer than this cannot be computed, and why; `because` begins a sentence. */
export interface PositionLimit {
  readonly code: string;
  readonly tokens: number;
  readonly because: string;
}

export interface Model {
  /** `model_type` of config.json. */
  readonly family: string;
  /** config.json as the family reads it, with what it leaves out filled in. Plain data: a checkpoint remembers its hash. */
  readonly config: object;
  readonly sizes: ModelSizes;
  readonly tokens: ModelTokens;
  /** Adaptable linear layers in execution order (the head is not among them, as in PEFT's all-linear). */
  readonly linears: readonly LinearSpec[];
  /** Embedding and head: what `lora.modules_to_save` may name. A tied head has no tensor of its own. */
  readonly tables: { readonly embedding: TableSpec; readonly head: TableSpec };
  /** Every tensor of the checkpoint by Hugging Face name, in the order of execution. */
  readonly tensors: ReadonlyMap<string, TensorSpec>;
  /** What names begin with where a head is there, and lack where the model was saved without one; transformers' `base_model_prefix` and a dot. */
  readonly prefix: string;
  /** Constants that no file holds, such as rotary frequencies. */
  readonly constants: readonly StateSpec[];
  /** null: rows of any length can be computed, whatever they are worth. */
  readonly limit: PositionLimit | null;
  /** What else a person may want to know: a label (i18n `models:details`, or its own words) and a value. */
  readonly facts: readonly FactRow[];
  /** What config.json asks of training and is not done, each a sentence. */
  readonly notices: readonly string[];
  /** A tensor that files of this family hold for nothing: old buffers, a head that repeats the embedding. */
  isHarmless(tensor: string): boolean;
  attention(layer: number): AttentionRule;
  /** The residual stream after the last layer: [B * T, width]. */
  hidden(context: ForwardContext): Value;
  /** What is left to do with a selection of its rows [R, width], up to the logits. Rows are independent, so only the needed ones are paid for. */
  head(context: Pick<ForwardContext, 'b' | 'parameters'>, rows: Value): Head;
  /** The same model with so many layers: two shallow ones tell what each further layer takes. */
  withLayers(layers: number): Model;
}

/** The norms and biases of a layer do not decay, its matrices do. */
export function linearTensors({ path, in: width, out, bias }: LinearSpec): readonly (readonly [string, TensorSpec])[] {
  const weight = [`${path}.weight`, { shape: [out, width], decays: true }] as const;
  return bias ? [weight, [`${path}.bias`, { shape: [out], decays: false }]] : [weight];
}
