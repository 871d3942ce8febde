/** @file Which attention nodes the written kernels (kernels/attention.cu) take, and their launches. */
import type { Graph, Node } from '../../ir/graph.ts';
import { attentionSizes, type AttentionSizes } from '../../ops/fused/attention-scores.ts';
import { KernelParams, type ParamType } from './driver/params.ts';
import type { LaunchShape } from './driver/stream.ts';
import type { BoundLaunch, KernelSource } from './gemm-launch.ts';
import type { CallOperands, WrittenKernel } from './written-kernel.ts';

type AttentionNode = Node<'attention'> | Node<'attentionBackward'>;

interface Plan {
  readonly sizes: AttentionSizes;
  readonly scale: number;
  /** Each query sees keys of its own: packed rows, windows. */
  readonly range: boolean;
}

/** Rows of a block, queries or keys; BLOCK, THREADS and the shared tiles are those of the source. */
const BLOCK = 64;
const THREADS = 128;
const MAX_GRID_Y_OR_Z = 65_535;
const SUM_THREADS = 256;
/** Keeps what the sum kernel counts, four elements at a time, in 32 bits. */
const MAX_SHARES = 2 ** 32;

const HEAD_DIMS: readonly number[] = [64, 128];

const SIZES = [
  ['queries', 'i32'],
  ['keys', 'i32'],
  ['heads', 'i32'],
  ['kvHeads', 'i32'],
  ['scale', 'f32'],
] as const;

/** What the `range` form takes beside: the keys that each query sees, and where dQ notes those of its blocks of queries for dK and dV. */
const RANGE = [
  ['first', 'ptr'],
  ['last', 'ptr'],
] as const;
const SPANS = ['spans', 'ptr'] as const;
const SPAN_BYTES = 16;

/** Parameters of the entry points (each with `_<head dim>` but the last), in order. */
export const ATTENTION_PARAMS = {
  attention_forward: [['q', 'ptr'], ['k', 'ptr'], ['v', 'ptr'], ['out', 'ptr'], ['lse', 'ptr'], ...SIZES],
  attention_dq: [
    ['q', 'ptr'],
    ['k', 'ptr'],
    ['v', 'ptr'],
    ['out', 'ptr'],
    ['lse', 'ptr'],
    ['dOut', 'ptr'],
    ['dQ', 'ptr'],
    ['delta', 'ptr'],
    ...SIZES,
  ],
  attention_dkv: [
    ['q', 'ptr'],
    ['k', 'ptr'],
    ['v', 'ptr'],
    ['lse', 'ptr'],
    ['delta', 'ptr'],
    ['dOut', 'ptr'],
    ['dK', 'ptr'],
    ['dV', 'ptr'],
    ['partK', 'ptr'],
    ['partV', 'ptr'],
    ...SIZES,
  ],
  attention_forward_range: [['q', 'ptr'], ['k', 'ptr'], ['v', 'ptr'], ...RANGE, ['out', 'ptr'], ['lse', 'ptr'], ...SIZES],
  attention_dq_range: [
    ['q', 'ptr'],
    ['k', 'ptr'],
    ['v', 'ptr'],
    ['out', 'ptr'],
    ['lse', 'ptr'],
    ['dOut', 'ptr'],
    ...RANGE,
    ['dQ', 'ptr'],
    ['delta', 'ptr'],
    SPANS,
    ...SIZES,
  ],
  attention_dkv_range: [
    ['q', 'ptr'],
    ['k', 'ptr'],
    ['v', 'ptr'],
    ['lse', 'ptr'],
    ['delta', 'ptr'],
    ['dOut', 'ptr'],
    ...RANGE,
    SPANS,
    ['dK', 'ptr'],
    ['dV', 'ptr'],
    ['partK', 'ptr'],
    ['partV', 'ptr'],
    ...SIZES,
  ],
  attention_group_sum: [
    ['partK', 'ptr'],
    ['partV', 'ptr'],
    ['dK', 'ptr'],
    ['dV', 'ptr'],
    ['fours', 'u32'],
    ['group', 'i32'],
    ['headDim', 'i32'],
  ],
} as const satisfies Readonly<Record<string, readonly (readonly [string, ParamType])[]>>;

/** Copies of 16 bytes at a time. */
const ALIGNMENT = 16;

export const attention: WrittenKernel<'attention'> = {
  claims: claimsAttention,
  alignment: ALIGNMENT,
  plan(graph, node) {
    const plan = planOf(graph, node);
    return { label: labelOf('attention forward', plan), workspaceBytes: 0, bind: (kernels, operands) => [bindForward(kernels, plan, operands)] };
  },
};

/** Its workspace: delta, a query head's shares of dK and dV where heads share a key head (f32), and the spans of blocks, in this order. */
export const attentionBackward: WrittenKernel<'attentionBackward'> = {
  claims: claimsAttention,
  alignment: ALIGNMENT,
  plan(graph, node) {
    const plan = planOf(graph, node);
    const { delta, shares, spans } = workspace(plan);
    return {
      label: labelOf('attention backward', plan),
      workspaceBytes: delta + 2 * shares + spans,
      bind: (kernels, operands) => bindBackward(kernels, plan, operands),
    };
  },
};

function planOf(graph: Graph, node: AttentionNode): Plan {
  return { sizes: sizesOf(graph, node), scale: node.params.scale, range: node.params.mask === 'range' };
}

/** bf16 attention over heads of 64 and 128; everything else is written out in products. Causal queries are as many as keys. */
function claimsAttention(node: AttentionNode, graph: Graph): boolean {
  const { batch, queries, heads, headDim, keys } = sizesOf(graph, node);
  const blocks = Math.ceil(Math.max(queries, keys) / BLOCK);
  const fits = batch <= MAX_GRID_Y_OR_Z && blocks <= MAX_GRID_Y_OR_Z && batch * keys * heads * headDim < MAX_SHARES;
  const isHalf = graph.values[node.inputs[0]!]!.type.dtype === 'bf16';
  return node.params.scale > 0 && isHalf && HEAD_DIMS.includes(headDim) && batch * queries * keys * heads > 0 && fits;
}

function labelOf(what: string, { range, sizes: { batch, queries, heads, keys, kvHeads, headDim } }: Plan): string {
  return `${what} ${batch}x${queries}x${heads} over ${keys}x${kvHeads}, head ${headDim}${range ? ', ranges' : ''}`;
}

function sizesOf(graph: Graph, node: AttentionNode): AttentionSizes {
  return attentionSizes(graph.values[node.inputs[0]!]!, graph.values[node.inputs[1]!]!);
}

/** Bytes, each a multiple of 256. */
function workspace({ sizes: { batch, queries, heads, headDim, keys, group }, range }: Plan): {
  readonly delta: number;
  readonly shares: number;
  readonly spans: number;
} {
  const padded = (bytes: number) => Math.ceil(bytes / 256) * 256;
  const spans = range ? padded(batch * Math.ceil(queries / BLOCK) * SPAN_BYTES) : 0;
  return { delta: padded(batch * heads * queries * 4), shares: group === 1 ? 0 : padded(batch * keys * heads * headDim * 4), spans };
}

type Values = Readonly<Record<string, number | bigint>>;
type Entry = Exclude<keyof typeof ATTENTION_PARAMS, 'attention_group_sum' | `${string}_range`>;

/** @param extraBytes of shared memory behind `tiles` tiles of 64 rows */
function bound(
  kernels: KernelSource,
  entry: Entry,
  plan: Plan,
  values: Values,
  { rows, tiles, extraBytes = 0 }: { rows: number; tiles: number; extraBytes?: number },
): BoundLaunch {
  const { heads, batch, headDim } = plan.sizes;
  const name = plan.range ? (`${entry}_range` as const) : entry;
  const fields: readonly (readonly [string, ParamType])[] = ATTENTION_PARAMS[name];
  const sharedBytes = tiles * BLOCK * headDim * 2 + extraBytes;
  // A block for each head, row of the batch and 64 of `rows`.
  const shape: LaunchShape = { grid: [heads, batch, Math.ceil(rows / BLOCK)], block: [THREADS, 1, 1], sharedBytes };
  const params = KernelParams.of(...fields.map(([field, type]) => [type, values[field]!] as const));
  return { kernel: kernels.function(`${name}_${headDim}`).allowSharedBytes(sharedBytes), shape, params };
}

function bindForward(kernels: KernelSource, plan: Plan, { inputs, outputs }: CallOperands): BoundLaunch {
  const [q, k, v, first, last] = inputs as [bigint, bigint, bigint, bigint, bigint];
  const [out, lse] = outputs as [bigint, bigint];
  const values: Values = { ...plan.sizes, scale: plan.scale, q, k, v, first, last, out, lse };
  return bound(kernels, 'attention_forward', plan, values, { rows: plan.sizes.queries, tiles: 5 });
}

function bindBackward(kernels: KernelSource, plan: Plan, operands: CallOperands): readonly BoundLaunch[] {
  const [q, k, v, out, lse, dOut, first, last] = operands.inputs as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  const [dQ, dK, dV] = operands.outputs as [bigint, bigint, bigint];
  const bytes = workspace(plan);
  const delta = operands.workspace;
  const partK = delta + BigInt(bytes.delta);
  const partV = partK + BigInt(bytes.shares);
  const spans = partV + BigInt(bytes.shares);
  const { queries, keys, headDim, group, batch, kvHeads } = plan.sizes;
  const fours = (batch * keys * kvHeads * headDim) / 4;
  const values: Values = { ...plan.sizes, scale: plan.scale, q, k, v, out, lse, dOut, first, last, dQ, dK, dV, delta, partK, partV, spans, fours };
  // dQ comes first: it writes delta and spans. lse and delta of two blocks, and their ranges, lie behind the tiles of the second kernel.
  const launches = [
    bound(kernels, 'attention_dq', plan, values, { rows: queries, tiles: 6 }),
    bound(kernels, 'attention_dkv', plan, values, { rows: keys, tiles: 6, extraBytes: (plan.range ? 8 : 4) * BLOCK * 4 }),
  ];
  if (group === 1) return launches;
  const sum: LaunchShape = { grid: [Math.ceil(fours / SUM_THREADS), 2, 1], block: [SUM_THREADS, 1, 1], sharedBytes: 0 };
  const params = KernelParams.of(...ATTENTION_PARAMS.attention_group_sum.map(([field, type]) => [type, values[field]!] as const));
  return [...launches, { kernel: kernels.function('attention_group_sum'), shape: sum, params }];
}
