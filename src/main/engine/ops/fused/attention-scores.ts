/**
 * @file What attention and its backward pass share: the folded layout and the masked scores. The G query heads that share a
 * key head are laid one after another as rows, so a grouped-query attention is one batched matmul over [B, KV], keys are never
 * repeated, and gradients by keys and values sum over the group inside the matmul.
 */
import type { Value } from '../../ir/graph.ts';
import type { GraphBuilder } from '../builder.ts';

/** Below any real score, yet finite: minus infinity would give NaN where a whole row is masked. */
const MASKED = -1e30;

/** The floor of a row's maximum: still so far above MASKED that masked entries become exp(-9e29) = 0 in an empty row. */
export const EMPTY_ROW_MAX = -1e29;

export interface AttentionSizes {
  readonly batch: number;
  readonly queries: number;
  readonly heads: number;
  readonly headDim: number;
  readonly keys: number;
  readonly kvHeads: number;
  /** Query heads a key head. */
  readonly group: number;
}

export function attentionSizes(q: Value, k: Value): AttentionSizes {
  const [batch, queries, heads, headDim] = q.type.shape as [number, number, number, number];
  const [, keys, kvHeads] = k.type.shape as [number, number, number];
  return { batch, queries, heads, headDim, keys, kvHeads, group: heads / kvHeads };
}

/** [B, T, H, D] -> [B, KV, G * T, D] */
export function foldQueries(b: GraphBuilder, x: Value, { batch, kvHeads, group, queries, headDim }: AttentionSizes): Value {
  return b.reshape(b.transpose(x, [0, 2, 1, 3]), [batch, kvHeads, group * queries, headDim]);
}

/** [B, KV, G * T, D] -> [B, T, H, D] */
export function unfoldQueries(b: GraphBuilder, x: Value, { batch, heads, queries, headDim }: AttentionSizes): Value {
  return b.transpose(b.reshape(x, [batch, heads, queries, headDim]), [0, 2, 1, 3]);
}

/** [B, S, KV, D] <-> [B, KV, S, D] */
export function swapKeyAxes(b: GraphBuilder, x: Value): Value {
  return b.transpose(x, [0, 2, 1, 3]);
}

/** Scaled scores, f32 [B, KV, G * T, S], unmasked. */
export function scores(b: GraphBuilder, q: Value, k: Value, scale: number): Value {
  return b.mul(b.matmul(q, k, { transB: true, dtype: 'f32' }), scale);
}

/** MASKED at keys that a query may not see. @param x f32 [B, KV, G * T, S]; @param range first and last i32 [B, T], none = causal */
export function maskScores(b: GraphBuilder, x: Value, sizes: AttentionSizes, range: readonly Value[]): Value {
  const { batch, kvHeads, group, queries, keys } = sizes;
  const grouped = b.reshape(x, [batch, kvHeads, group, queries, keys]);
  const masked = b.where(visibleKeys(b, sizes, range), grouped, MASKED);
  return b.reshape(masked, x.type.shape);
}

/** bool, broadcastable to [B, KV, G, T, S] */
function visibleKeys(b: GraphBuilder, { batch, queries, keys }: AttentionSizes, range: readonly Value[]): Value {
  const key = b.iota([1, 1, 1, 1, keys], 4);
  if (range.length === 0) return b.lessEqual(key, b.iota([1, 1, 1, queries, 1], 3));
  const [first, last] = range.map((bound) => b.reshape(bound, [batch, 1, 1, queries, 1])) as [Value, Value];
  return b.and(b.lessEqual(first, key), b.lessEqual(key, last));
}
