import type { Value } from '../ir/graph.ts';
import type { Shape } from '../ir/shape.ts';

/** A linear layer as the checkpoint names it: `path.weight` [out, in] and, with a bias, `path.bias` [out]. */
export interface LinearSpec {
  /** e.g. `model.layers.0.self_attn.q_proj` */
  readonly path: string;
  readonly in: number;
  readonly out: number;
  readonly bias: boolean;
}

/**
 * Where layers get their weights. A model asks by checkpoint name; whoever builds the program decides what stands behind it:
 * a frozen state, a frozen state with an adapter beside it, or a slice of the trainable vector. So layers know nothing of LoRA.
 */
export interface Parameters {
  /** Dtype in which the model computes. */
  readonly dtype: 'f32' | 'bf16';
  /** The tensor in compute dtype. */
  weight(name: string, shape: Shape): Value;
  /** x [rows, in] -> [rows, out] */
  linear(x: Value, spec: LinearSpec): Value;
}
