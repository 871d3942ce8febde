import type { Value } from '../../ir/graph.ts';
import { attentionSizes, EMPTY_ROW_MAX, foldQueries, maskScores, scores, swapKeyAxes, unfoldQueries } from './attention-scores.ts';
import type { Decomposition } from './decomposition.ts';

export const decomposeAttention: Decomposition<'attention'> = (b, inputs, { scale }) => {
  const [q, k, v, ...range] = inputs as [Value, Value, Value, ...Value[]];
  const sizes = attentionSizes(q, k);
  const s = maskScores(b, scores(b, foldQueries(b, q, sizes), swapKeyAxes(b, k), scale), sizes, range);
  const rowMax = b.reduceMax(s, [3], true);
  // A causal row always sees its own key; an empty range needs a maximum above the masked scores and a divisor above 0.
  const max = range.length > 0 ? b.max(rowMax, EMPTY_ROW_MAX) : rowMax;
  const weights = b.exp(b.sub(s, max));
  const rowSum = b.sum(weights, [3], true);
  // The largest entry of a row that sees anything is exp(0) = 1, so 0.5 changes only empty rows.
  const total = range.length > 0 ? b.max(rowSum, 0.5) : rowSum;
  const probabilities = b.cast(b.div(weights, total), v.type.dtype);
  const out = unfoldQueries(b, b.matmul(probabilities, swapKeyAxes(b, v)), sizes);
  const lse = b.reshape(b.add(max, b.log(total)), [sizes.batch, sizes.heads, sizes.queries]);
  return [out, lse];
};

/**
 * P = exp(S - lse); dV = P^T dOut; dP = dOut V^T; dS = P * (dP - rowsum(dOut * out)) * scale; dQ = dS K; dK = dS^T Q
 * (FlashAttention, arXiv 2205.14135, appendix B). Nothing of size [T, S] comes from the forward pass.
 */
export const decomposeAttentionBackward: Decomposition<'attentionBackward'> = (b, inputs, { scale }) => {
  const [q, k, v, out, lse, dOut, ...range] = inputs as [Value, Value, Value, Value, Value, Value, ...Value[]];
  const sizes = attentionSizes(q, k);
  const dtype = q.type.dtype;
  const [qRows, dRows] = [q, dOut].map((x) => foldQueries(b, x, sizes)) as [Value, Value];
  const [keys, values] = [k, v].map((x) => swapKeyAxes(b, x)) as [Value, Value];
  const column = [sizes.batch, sizes.kvHeads, sizes.group * sizes.queries, 1];
  // Masked after subtracting lse: an empty row's lse is as low as the mask itself, and its probabilities must still be 0.
  const p = b.exp(maskScores(b, b.sub(scores(b, qRows, keys, scale), b.reshape(lse, column)), sizes, range));
  const dotOut = b.sum(b.mul(b.cast(dOut, 'f32'), b.cast(out, 'f32')), [3]);
  const delta = b.reshape(b.transpose(dotOut, [0, 2, 1]), column);
  const dP = b.matmul(dRows, values, { transB: true, dtype: 'f32' });
  const dS = b.cast(b.mul(b.mul(p, b.sub(dP, delta)), scale), dtype);
  const dQ = unfoldQueries(b, b.matmul(dS, keys), sizes);
  const dK = swapKeyAxes(b, b.matmul(dS, qRows, { transA: true }));
  const dV = swapKeyAxes(b, b.matmul(b.cast(p, dtype), dRows, { transA: true }));
  return [dQ, dK, dV];
};
