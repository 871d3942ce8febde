/**
 * @file The two programs of generation: `prefill` reads a prompt and fills the cache, `decode` adds one token a row.
 * A row is a column of the comparison: all rows share one set of base weights, and each has its own adapter (or none, which is an
 * adapter of zeros), so base and tuned answers are computed together.
 */
import type { Graph, TensorType, Value } from '../ir/graph.ts';
import type { Model } from '../models/model.ts';
import { attendToBatch, attendToCache } from '../nn/attention.ts';
import { composeParameters } from '../nn/compose.ts';
import { type EmbeddingDelta, NO_DELTAS, stackedDeltas } from '../nn/deltas.ts';
import type { LinearSpec, Parameters } from '../nn/parameters.ts';
import { frozenWeights } from '../nn/weight-sources.ts';
import { GraphBuilder } from '../ops/builder.ts';

export interface GenerationPlan {
  readonly model: Model;
  readonly dtype: 'f32' | 'bf16';
  /** Rows computed together. */
  readonly rows: number;
  /** Positions the cache holds a row. */
  readonly capacity: number;
  /** Rank of the stacked adapters by module path; smaller ranks are padded with zeros. Absent: no row adapts that layer. */
  readonly ranks: ReadonlyMap<string, number>;
  /** Rows that have an embedding or a head of their own, by module path. Absent: no row has. */
  readonly ownTables: ReadonlyMap<string, readonly number[]>;
}

/** Frozen weights plus a different adapter for each row. */
function stackedParameters(b: GraphBuilder, plan: GenerationPlan): Parameters {
  const delta = stackedDeltas(b, plan.rows, (spec) => {
    const types = stackedLoraTypes(plan, spec);
    return types && { a: b.state(stackName(spec.path, 'A'), types.a), b: b.state(stackName(spec.path, 'B'), types.b) };
  });
  return composeParameters(b, plan.dtype, frozenWeights(b, plan.dtype), {
    ...NO_DELTAS,
    linear: (path) => (plan.ranks.has(path) ? delta : null),
    embedding: (path) => ownEmbedding(b, plan, path),
  });
}

/** Each row's tokens from its own table where it has one; null where none has. */
function ownEmbedding(b: GraphBuilder, plan: GenerationPlan, path: string): EmbeddingDelta | null {
  if (!plan.ownTables.has(path)) return null;
  return (ids, base) => byRow(b, plan, path, ids, base(), (own, table) => b.gather(table, own));
}

/** Rows of x [rows * n, ..] one after another, each with its own table or the base's. */
function byRow(b: GraphBuilder, plan: GenerationPlan, path: string, x: Value, base: Value, of: (x: Value, table: Value) => Value): Value {
  const own = new Set(plan.ownTables.get(path));
  const each = x.type.shape[0]! / plan.rows;
  return b.concat(
    Array.from({ length: plan.rows }, (_, row) =>
      of(b.sliceAxis(x, 0, row * each, each), own.has(row) ? b.state(tableName(path, row), base.type) : base),
    ),
    0,
  );
}

/** State that holds a row's own embedding or head. */
export function tableName(path: string, row: number): string {
  return `own.${path}.${row}`;
}

/** State that holds the adapters of all rows for one layer. */
export function stackName(path: string, side: 'A' | 'B'): string {
  return `stack.${path}.lora_${side}`;
}

/** A [rows, r, in] and B [rows, out, r], or null where no row adapts the layer. */
export function stackedLoraTypes({ ranks, rows, dtype }: GenerationPlan, spec: LinearSpec): { a: TensorType; b: TensorType } | null {
  const rank = ranks.get(spec.path);
  if (rank === undefined) return null;
  return { a: { dtype, shape: [rows, rank, spec.in] }, b: { dtype, shape: [rows, spec.out, rank] } };
}

/** Cache state of one layer, [rows * capacity, kvHeads * headDim]. */
export function cacheName(layer: number, side: 'k' | 'v'): string {
  return `cache.${side}.${layer}`;
}

export function cacheType({ model: { sizes }, dtype, rows, capacity }: GenerationPlan): TensorType {
  return { dtype, shape: [rows * capacity, sizes.kvHeads * sizes.headDim] };
}

/**
 * Inputs: ids i32 [rows, tokens], right-padded; lengths i32 [rows]. Output: logits f32 [rows, vocab] after each row's last
 * token. Updates: the cache at positions 0..tokens-1 (those of padding are overwritten before they are ever seen).
 */
export function buildPrefill(plan: GenerationPlan, tokens: number): Graph {
  const b = new GraphBuilder(`prefill ${plan.rows}x${tokens}`);
  const { rows, model } = plan;
  const ids = b.input('ids', { dtype: 'i32', shape: [rows, tokens] });
  const lengths = b.input('lengths', { dtype: 'i32', shape: [rows] });
  const positions = b.iota([rows, tokens], 1);
  const parameters = stackedParameters(b, plan);
  const hidden = model.hidden({
    b,
    parameters,
    ids,
    positions,
    attend: (layer, q, k, v) => {
      write(b, plan, layer, positions, k, v);
      return attendToBatch(b, model.attention(layer), q, k, v);
    },
  });
  const last = b.add(b.mul(b.iota([rows], 0), b.constant(tokens, 'i32')), b.sub(lengths, b.constant(1, 'i32')));
  b.output('logits', headLogits(b, plan, parameters, b.gather(hidden, last)));
  return b.finish();
}

/**
 * Inputs: ids i32 [rows, 1], the tokens just chosen; positions i32 [rows, 1], where they stand.
 * Output: logits f32 [rows, vocab]. Updates: the cache at those positions.
 */
export function buildDecode(plan: GenerationPlan): Graph {
  const b = new GraphBuilder(`decode ${plan.rows} capacity ${plan.capacity}`);
  const { rows, capacity, model } = plan;
  const { kvHeads, headDim } = model.sizes;
  const ids = b.input('ids', { dtype: 'i32', shape: [rows, 1] });
  const positions = b.input('positions', { dtype: 'i32', shape: [rows, 1] });
  const parameters = stackedParameters(b, plan);
  const hidden = model.hidden({
    b,
    parameters,
    ids,
    positions,
    attend: (layer, q, k, v) => {
      const cache = write(b, plan, layer, positions, k, v);
      const view = (x: Value) => b.reshape(x, [rows, capacity, kvHeads, headDim]);
      return attendToCache(b, model.attention(layer), q, view(cache.k), view(cache.v), positions);
    },
  });
  b.output('logits', headLogits(b, plan, parameters, hidden));
  return b.finish();
}

function write(b: GraphBuilder, plan: GenerationPlan, layer: number, positions: Value, k: Value, v: Value): { k: Value; v: Value } {
  const [rows, tokens] = positions.type.shape as [number, number];
  const slots = b.add(b.mul(b.iota([rows, tokens], 0), b.constant(plan.capacity, 'i32')), positions);
  const index = b.reshape(slots, [rows * tokens]);
  const put = (side: 'k' | 'v', x: Value) => {
    const state = b.state(cacheName(layer, side), cacheType(plan));
    const next = b.scatter(state, index, b.reshape(x, [rows * tokens, state.type.shape[1]!]), 'set');
    b.update(state, next);
    return next;
  };
  return { k: put('k', k), v: put('v', v) };
}

/** @param hidden [rows, hiddenSize] -> f32 [rows, vocab] */
function headLogits(b: GraphBuilder, plan: GenerationPlan, parameters: Parameters, hidden: Value): Value {
  const { model } = plan;
  const { x, weight } = model.head({ b, parameters }, hidden);
  const { path } = model.tables.head;
  const logits = (rows: Value, table: Value) => b.matmul(rows, table, { transB: true });
  return b.cast(plan.ownTables.has(path) ? byRow(b, plan, path, x, weight, logits) : logits(x, weight), 'f32');
}
