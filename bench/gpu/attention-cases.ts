/**
 * @file Cases for the written attention kernels, and how near they must come. Two right ways of computing in bf16 differ by what
 * they round when, so both are compared with attention in f32 between the same bf16 inputs and outputs, as FlashAttention's own
 * tests do: our error may be at most twice the decomposition's, for every 64 positions by themselves, since values and errors
 * shrink along a causal sequence.
 */
import type { HostTensor } from '../../src/main/engine/backends/backend.ts';
import { claims } from '../../src/main/engine/backends/cuda/written-kernels.ts';
import type { Graph, TensorType, Value, ValueId } from '../../src/main/engine/ir/graph.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import { caseGraph, exactly, float, opCase, withGradients, type InputSpec, type OpCase } from '../../test/backends/op-case.ts';
import { numbers } from '../../test/backends/tensor-error.ts';

export interface AttentionPair {
  readonly test: OpCase;
  /** The same with nothing rounded inside; same inputs and outputs. */
  readonly exact: OpCase;
}

export const MOST_OF_REFERENCE_ERROR = 2;

const BLOCK = 64;

interface Sizes {
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Which keys query t of row b sees; causal where absent. */
  readonly range?: Range;
}

interface Range {
  readonly name: string;
  /** An empty range where last is below first. */
  of(t: number, b: number): readonly [first: number, last: number];
}

/** Rows of 37, 96 and so on, one after another, and padding that sees nothing. */
const PACKED: Range = {
  name: 'packed',
  of: (t, b) => {
    const ends = [37 + b, 133, 140, 271, 900];
    const end = ends.find((x) => t < x);
    return end === undefined ? [0, -1] : [ends[ends.indexOf(end) - 1] ?? 0, t];
  },
};
const WINDOW: Range = { name: 'window of 70', of: (t) => [Math.max(0, t - 69), t] };
/** Both ways within pieces of 50, where the last keys lie behind the queries. */
const BOTH_WAYS: Range = { name: 'pieces both ways', of: (t) => [t - (t % 50), t - (t % 50) + 49] };
/** Blocks of keys that nobody sees, and queries with nothing to see among others. */
const SPARSE: Range = { name: 'sparse', of: (t) => (t % 3 === 1 ? [5, 4] : [Math.max(0, t - 200), t - 130]) };

/** f32 inputs, so that gradients can be asked for; each is rounded to bf16 first, as are the gradients on their way back. */
function attention({ batch, tokens, heads, kvHeads, headDim, range }: Sizes, exact: boolean): OpCase {
  const bound = (which: 0 | 1): InputSpec => ({
    dtype: 'i32',
    shape: [batch, tokens],
    fill: exactly(Array.from({ length: batch * tokens }, (_, i) => range?.of(i % tokens, Math.floor(i / tokens))[which] ?? 0)),
  });
  const half = (b: GraphBuilder, x: Value) => (exact ? b.cast(b.cast(x, 'bf16'), 'f32') : b.cast(x, 'bf16'));
  return opCase({
    name: `bf16 aligned ${range?.name ?? 'causal'} ${batch}x${tokens}x${heads} over ${kvHeads}, head ${headDim}`,
    op: 'attention',
    inputs: {
      q: float([batch, tokens, heads, headDim]),
      k: float([batch, tokens, kvHeads, headDim]),
      v: float([batch, tokens, kvHeads, headDim]),
      first: bound(0),
      last: bound(1),
    },
    outputs: (b, { q, k, v, first, last }) => ({
      out: b.cast(b.attention(half(b, q), half(b, k), half(b, v), 1 / Math.sqrt(headDim), range && { first, last }).out, 'bf16'),
    }),
    wrt: ['q', 'k', 'v'],
  });
}

const SIZES: readonly Sizes[] = [
  { batch: 2, tokens: 64, heads: 14, kvHeads: 2, headDim: 64 },
  { batch: 2, tokens: 100, heads: 4, kvHeads: 4, headDim: 64 },
  { batch: 1, tokens: 257, heads: 8, kvHeads: 1, headDim: 64 },
  { batch: 1, tokens: 1024, heads: 2, kvHeads: 1, headDim: 64 },
  { batch: 1, tokens: 64, heads: 4, kvHeads: 4, headDim: 128 },
  { batch: 2, tokens: 100, heads: 14, kvHeads: 2, headDim: 128 },
  { batch: 1, tokens: 257, heads: 8, kvHeads: 1, headDim: 128 },
  { batch: 2, tokens: 300, heads: 14, kvHeads: 2, headDim: 64, range: PACKED },
  { batch: 1, tokens: 1000, heads: 4, kvHeads: 4, headDim: 64, range: PACKED },
  { batch: 2, tokens: 257, heads: 4, kvHeads: 1, headDim: 128, range: PACKED },
  { batch: 1, tokens: 300, heads: 4, kvHeads: 2, headDim: 64, range: WINDOW },
  { batch: 1, tokens: 300, heads: 4, kvHeads: 4, headDim: 128, range: WINDOW },
  { batch: 2, tokens: 190, heads: 4, kvHeads: 2, headDim: 64, range: BOTH_WAYS },
  { batch: 2, tokens: 450, heads: 4, kvHeads: 2, headDim: 64, range: SPARSE },
  { batch: 1, tokens: 450, heads: 2, kvHeads: 2, headDim: 128, range: SPARSE },
];

export const attentionPairs: readonly AttentionPair[] = SIZES.flatMap((sizes) => {
  const [test, exact] = [attention(sizes, false), attention(sizes, true)];
  return [
    { test, exact },
    { test: withGradients(test), exact: withGradients(exact) },
  ];
});

/**
 * A case's graph with nothing rounded to bf16 but what goes in and comes out.
 * @returns null for a case that the written kernels have no part in
 */
export function exactGraph(test: OpCase): Graph | null {
  const pair = attentionPairs.find((candidate) => candidate.test === test);
  if (pair) return caseGraph(pair.exact);
  const graph = caseGraph(test);
  return graph.nodes.some((node) => claims(node, graph)) ? widened(graph) : null;
}

export function widened(graph: Graph): Graph {
  const b = new GraphBuilder(`${graph.name} exact`);
  const moved = new Map<ValueId, Value>();
  const isHalved = ({ dtype }: TensorType) => dtype === 'bf16';
  for (const { name, value } of graph.inputs) {
    const { type } = graph.values[value]!;
    const input = b.input(name, type);
    moved.set(value, isHalved(type) ? b.cast(input, 'f32') : input);
  }
  for (const { op, params, inputs, outputs } of graph.nodes) {
    const wide = 'dtype' in params && params.dtype === 'bf16' ? { ...params, dtype: 'f32' } : params;
    const results = b.append(
      op,
      inputs.map((id) => moved.get(id)!),
      wide as never,
    );
    outputs.forEach((id, i) => moved.set(id, results[i]!));
  }
  for (const { name, value } of graph.outputs) b.output(name, b.cast(moved.get(value)!, graph.values[value]!.type.dtype));
  return b.finish();
}

/** The largest ratio of our error to the reference's over blocks of 64 positions. All three [B, T, H, D]. */
export function errorRatio(got: HostTensor, reference: HostTensor, exact: HostTensor): number {
  const [a, b, c] = [got, reference, exact].map(numbers) as [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>];
  const [, tokens, heads, headDim] = got.shape as [number, number, number, number];
  const blocks = Math.ceil(tokens / BLOCK);
  const [ours, theirs] = [new Float64Array(blocks), new Float64Array(blocks)];
  for (let i = 0; i < c.length; i++) {
    const block = Math.floor((Math.floor(i / (heads * headDim)) % tokens) / BLOCK);
    const error = Math.abs(a[i]! - c[i]!);
    ours[block] = Math.max(ours[block]!, Number.isNaN(error) ? Infinity : error);
    theirs[block] = Math.max(theirs[block]!, Math.abs(b[i]! - c[i]!));
  }
  return Math.max(...ours.map((error, block) => (error === 0 ? 0 : error / theirs[block]!)));
}
