import type { Value } from '../../ir/graph.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Decomposition } from './decomposition.ts';

/** Label of a row that has no target (spec section 0). */
const IGNORE = -100;

interface ChunkResult {
  /** f32 [] */
  readonly nll: Value;
  /** f32 [] */
  readonly correct: Value;
  /** f32 [] */
  readonly entropy: Value;
  /** [rows, V] in x's dtype: d nll / d logits */
  readonly dLogits: Value;
}

export const decomposeLinearCrossEntropy: Decomposition<'linearCrossEntropy'> = (b, inputs, { chunkRows, weightGradient }) => {
  const [x, weight, labels] = inputs as [Value, Value, Value];
  const rows = x.type.shape[0]!;
  const sums: (readonly [Value, Value, Value])[] = [];
  const dXs: Value[] = [];
  const dWeights: Value[] = [];
  for (let start = 0; start < rows; start += chunkRows) {
    const size = Math.min(chunkRows, rows - start);
    const xChunk = b.sliceAxis(x, 0, start, size);
    const { nll, correct, entropy, dLogits } = chunk(b, xChunk, weight, b.sliceAxis(labels, 0, start, size));
    sums.push([nll, correct, entropy]);
    dXs.push(b.matmul(dLogits, weight));
    if (weightGradient) dWeights.push(b.matmul(dLogits, xChunk, { transA: true, dtype: 'f32' }));
  }
  const total = (parts: readonly Value[]) => parts.reduce((a, c) => b.add(a, c));
  const [nll, correct, entropy] = [0, 1, 2].map((i) => total(sums.map((parts) => parts[i]!))) as [Value, Value, Value];
  return [nll, b.concat(dXs, 0), correct, entropy, ...(weightGradient ? [total(dWeights)] : [])];
};

/** @param x [rows, H]; @param labels i32 [rows] */
function chunk(b: GraphBuilder, x: Value, weight: Value, labels: Value): ChunkResult {
  const [rows] = x.type.shape as [number];
  const logits = b.cast(b.matmul(x, weight, { transB: true }), 'f32');
  const label = b.reshape(labels, [rows, 1]);
  const max = b.reduceMax(logits, [1], true);
  const below = b.sub(logits, max);
  const weights = b.exp(below);
  const sum = b.sum(weights, [1], true);
  // An ignored row matches no column, so only its probabilities need zeroing.
  const column = b.iota([1, weight.type.shape[0]!], 1);
  const isTarget = b.equal(column, label);
  const valid = b.cast(b.not(b.equal(label, IGNORE)), 'f32');
  const target = b.sum(b.where(isTarget, logits, 0), [1], true);
  const nll = b.mul(b.sub(b.add(max, b.log(sum)), target), valid);
  // The label is the first of the largest where it is one of them and none stands before it: one more sum, and no search for the largest.
  const earlier = b.sum(b.cast(b.and(b.less(column, label), b.equal(logits, max)), 'f32'), [1], true);
  const first = b.cast(b.and(b.equal(target, max), b.equal(earlier, 0)), 'f32');
  const entropy = b.mul(b.sub(b.log(sum), b.div(b.sum(b.mul(weights, below), [1], true), sum)), valid);
  const probabilities = b.mul(weights, b.div(valid, sum));
  const dLogits = b.sub(probabilities, b.cast(isTarget, 'f32'));
  return {
    nll: b.sum(nll, [0, 1]),
    correct: b.sum(b.mul(first, valid), [0, 1]),
    entropy: b.sum(entropy, [0, 1]),
    dLogits: b.cast(dLogits, x.type.dtype),
  };
}
