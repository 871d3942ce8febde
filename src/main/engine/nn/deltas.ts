/** @file What adapters make of a base's layers, one function a kind; `compose.ts` puts them beside a base. */
import type { Value } from '../ir/graph.ts';
import type { GraphBuilder } from '../ops/builder.ts';
import type { LinearSpec } from './parameters.ts';

/** A linear layer as the base has it. */
export interface BaseLinear {
  readonly spec: LinearSpec;
  readonly weight: Value;
  readonly bias: Value | null;
}

/** The layer's output [rows, out] from its input [rows, in], the adapter's part included. */
export type LinearDelta = (x: Value, base: BaseLinear) => Value;

/** The rows of ids i32 [n] of a table that is not, or not for every row, the base's. */
export type EmbeddingDelta = (ids: Value, base: () => Value) => Value;

/** What stands beside a base, by module path; null where the base is left as it is. */
export interface Deltas {
  linear(path: string): LinearDelta | null;
  embedding(path: string): EmbeddingDelta | null;
  /** Weight [vocab, width] in place of the base's head. */
  head(path: string): Value | null;
}

export const NO_DELTAS: Deltas = { linear: () => null, embedding: () => null, head: () => null };

/** The adapter of one linear layer inside a program (spec 6.1). */
export interface LoraPair {
  /** f32 [r, in] */
  readonly a: Value;
  /** f32 [out, r] */
  readonly b: Value;
  /** alpha / r, or alpha / sqrt(r) with rsLoRA */
  readonly scale: number;
}

export interface LoraDropout {
  readonly probability: number;
  /** i32 [2] = (seed, micro-step): a fresh mask each micro-step, the same one in every rerun. */
  readonly seed: Value;
}

/** y = W x + scale * B(A(dropout(x))) where `pairs` has an adapter for the layer's path. */
export function loraDeltas(b: GraphBuilder, pairs: ReadonlyMap<string, LoraPair>, dropout: LoraDropout | null): Deltas['linear'] {
  let streams = 0;
  return (path) => {
    const pair = pairs.get(path);
    if (!pair) return null;
    if (!dropout) return (x, { weight, bias }) => b.linear(x, weight, { bias, lora: pair }).y;
    return (x, { weight, bias }) => b.add(b.linear(x, weight, { bias }).y, loraBranch(b, dropped(b, x, dropout, streams++), pair));
  };
}

function loraBranch(b: GraphBuilder, x: Value, pair: LoraPair): Value {
  const { dtype } = x.type;
  const p = b.matmul(x, b.cast(pair.a, dtype), { transB: true });
  return b.matmul(b.mul(p, pair.scale), b.cast(pair.b, dtype), { transB: true });
}

/** Inverted dropout: kept values grow by 1 / (1 - p). */
function dropped(b: GraphBuilder, x: Value, { probability, seed }: LoraDropout, stream: number): Value {
  const draw = b.random(seed, x.type.shape, stream);
  const kept = b.where(b.less(draw, probability), b.constant(0, 'f32'), b.constant(1 / (1 - probability), 'f32'));
  return b.mul(x, b.cast(kept, x.type.dtype));
}

/** The adapters of several rows on one layer: A [rows, r, in] and B [rows, out, r], which carries the scale; zeros add nothing. */
export interface StackedPair {
  readonly a: Value;
  readonly b: Value;
}

/** A different adapter for each of `rows` rows of tokens: y[row] += B[row] (A[row] x[row]). */
export function stackedDeltas(b: GraphBuilder, rows: number, pairOf: (spec: LinearSpec) => StackedPair | null): LinearDelta {
  return (x, { spec, weight, bias }) => {
    const y = b.linear(x, weight, { bias }).y;
    const pair = pairOf(spec);
    if (!pair) return y;
    const tokens = x.type.shape[0]! / rows;
    const p = b.matmul(b.reshape(x, [rows, tokens, spec.in]), pair.a, { transB: true });
    return b.add(y, b.reshape(b.matmul(p, pair.b, { transB: true }), [rows * tokens, spec.out]));
  };
}
