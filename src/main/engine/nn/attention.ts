/** @file How a layer attends, whatever the keys are: those of the batch itself, or a cache that generation has written them to. */
import type { Value } from '../ir/graph.ts';
import type { GraphBuilder } from '../ops/builder.ts';

/** What a model says of the attention of one layer. */
export interface AttentionRule {
  /** Scores are multiplied with it. */
  readonly scale: number;
  /** Keys that a query sees, itself among them; null: all before it. */
  readonly window: number | null;
}

/**
 * Attention of one layer over q [B, T, H, D], k and v [B, T, KV, D], rotated if they are to be -> [B, T, H, D].
 * Training attends to the batch itself; generation first writes k and v to its cache.
 */
export type Attend = (layer: number, q: Value, k: Value, v: Value) => Value;

/** Keys that each query sees at most, i32 [B, T] each: where a row holds several segments, those of its own. */
export interface KeyRange {
  readonly first: Value;
  readonly last: Value;
}

/** Every query sees the keys of its own row, or of its own segment, up to itself. */
export function attendToBatch(b: GraphBuilder, { scale, window }: AttentionRule, q: Value, k: Value, v: Value, range?: KeyRange): Value {
  if (window === null) return b.attention(q, k, v, scale, range).out;
  const last = range?.last ?? b.iota(q.type.shape.slice(0, 2), 1);
  const nearest = firstKey(b, last, window);
  return b.attention(q, k, v, scale, { first: range ? b.max(range.first, nearest) : nearest, last }).out;
}

/** Every query sees the keys of a cache [B, S, KV, D] up to its own position. */
export function attendToCache(b: GraphBuilder, { scale, window }: AttentionRule, q: Value, k: Value, v: Value, positions: Value): Value {
  const first = window === null ? b.constant(0, 'i32', positions.type.shape) : firstKey(b, positions, window);
  return b.attention(q, k, v, scale, { first, last: positions }).out;
}

function firstKey(b: GraphBuilder, positions: Value, window: number): Value {
  return b.max(b.sub(positions, b.constant(window - 1, 'i32')), b.constant(0, 'i32'));
}
