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

/** A table of one row a token, `path.weight` [vocab, width]: the embedding or the head. */
export interface TableSpec {
  /** e.g. `model.embed_tokens` */
  readonly path: string;
  readonly vocab: number;
  readonly width: number;
}

/**
 * Where layers get their weights. A model asks by checkpoint name; whoever builds the program decides what stands behind it: a base
 * (`weight-sources.ts`) and what an adapter makes of it (`deltas.ts`), put together by `compose.ts`. So layers know nothing of LoRA.
 */
export interface Parameters {
  /** Dtype in which the model computes. */
  readonly dtype: 'f32' | 'bf16';
  /** The tensor in compute dtype. */
  weight(name: string, shape: Shape): Value;
  /** x [rows, in] -> [rows, out] */
  linear(x: Value, spec: LinearSpec): Value;
  /** ids i32 [n] -> [n, width] */
  embedding(ids: Value, table: TableSpec): Value;
  /** The head's weight [vocab, width]. @param tied the embedding, where the checkpoint has no tensor of the head's own */
  head(table: TableSpec, tied: TableSpec | null): Value;
}
