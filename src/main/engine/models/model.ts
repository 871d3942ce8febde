import type { ModelConfig, ModelFamily } from '../../../shared/domain/model.ts';
import type { Value } from '../ir/graph.ts';
import type { Shape } from '../ir/shape.ts';
import type { Attend } from '../nn/decoder.ts';
import type { LinearSpec, Parameters } from '../nn/parameters.ts';
import type { GraphBuilder } from '../ops/builder.ts';
import { llama } from './llama/build.ts';
import { qwen2 } from './qwen2/build.ts';

export interface ForwardContext {
  readonly b: GraphBuilder;
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  /** i32 [B, T] */
  readonly ids: Value;
  /** i32 [B, T] */
  readonly positions: Value;
  readonly attend: Attend;
}

/** An architecture: how to build it and what its checkpoint calls things. */
export interface ModelDefinition {
  /** The residual stream after the last layer, before the final norm: [B * T, hidden]. */
  hidden(context: ForwardContext): Value;
  /** Final norm over any selection of rows: [R, hidden] -> [R, hidden]. Rows are independent, so only the needed ones are paid for. */
  finalNorm(context: Pick<ForwardContext, 'b' | 'config' | 'parameters'>, rows: Value): Value;
  /** The head's weight [vocab, hidden]; the embedding where tied. */
  headWeight(context: Pick<ForwardContext, 'config' | 'parameters'>): Value;
  /** Adaptable linear layers in execution order (the head is not among them, as in PEFT's all-linear). */
  linears(config: ModelConfig): readonly LinearSpec[];
  /** Every tensor of the checkpoint with its shape, by Hugging Face name. */
  tensors(config: ModelConfig): ReadonlyMap<string, Shape>;
}

const definitions: { readonly [K in ModelFamily]: ModelDefinition } = { llama, qwen2 };

export function modelDefinition(family: ModelFamily): ModelDefinition {
  return definitions[family];
}
