/** @file Which attention nodes the written kernels (kernels/attention.cu) take, and their launches. */
import type { Graph, Node } from '../../ir/graph.ts';
import { attentionSizes, type AttentionSizes } from '../../ops/fused/attention-scores.ts';
import { KernelParams, type ParamType } from './driver/params.ts';
import type { LaunchShape } from './driver/stream.ts';
import type { BoundLaunch, KernelSource } from './gemm-launch.ts';
import type { CallOperands, WrittenKernel } from './written-kernel.ts';

type AttentionNode = Node<'attention'> | Node<'attentionBackward'>;

interface Scaled {
  readonly sizes: AttentionSizes;
  readonly scale: number;
}

/** Rows of a block, queries or keys; BLOCK, THREADS and the shared tiles are those of the source. */
const BLOCK = 64;
const THREADS = 128;
const MAX_GRID_Y_OR_Z = 65_535;
const SUM_THREADS = 256;
/** Keeps what the sum kernel counts, four elements at a time, in 32 bits. */
const MAX_SHARES = 2 ** 32;

const HEAD_DIMS: readonly number[] = [64, 128];

const SIZES = [['queries', 'i32'], ['keys', 'i32'], ['heads', 'i32'], ['kvHeads', 'i32'], ['scale', 'f32']] as const;

/** Parameters of the entry points (each with `_<head dim>` but the last), in order. */
export const ATTENTION_PARAMS = {
  attention_forward: [['q', 'ptr'], ['k', 'ptr'], ['v', 'ptr'], ['out', 'ptr'], ['lse', 'ptr'], ...SIZES],
  attention_dq: [['q', 'ptr'], ['k', 'ptr'], ['v', 'ptr'], ['out', 'ptr'], ['lse', 'ptr'], ['dOut', 'ptr'], ['dQ', 'ptr'], ['delta', 'ptr'], ...SIZES],
  attention_dkv: [
    ['q', 'ptr'], ['k', 'ptr'], ['v', 'ptr'], ['lse', 'ptr'], ['delta', 'ptr'], ['dOut', 'ptr'],
    ['dK', 'ptr'], ['dV', 'ptr'], ['partK', 'ptr'], ['partV', 'ptr'], ...SIZES,
  ],
  attention_group_sum: [['partK', 'ptr'], ['partV', 'ptr'], ['dK', 'ptr'], ['dV', 'ptr'], ['fours', 'u32'], ['group', 'i32'], ['headDim', 'i32']],
} as const satisfies Readonly<Record<string, readonly (readonly [string, ParamType])[]>>;

/** Copies of 16 bytes at a time. */
const ALIGNMENT = 16;

export const attention: WrittenKernel<'attention'> = {
  claims: claimsAttention,
  alignment: ALIGNMENT,
  plan(graph, node) {
    const scaled = { sizes: sizesOf(graph, node), scale: node.params.scale };
    return { label: labelOf('attention forward', scaled.sizes), workspaceBytes: 0, bind: (kernels, operands) => [bindForward(kernels, scaled, operands)] };
  },
};

/** Its workspace: delta, and a query head's shares of dK and dV where heads share a key head; f32, in this order. */
export const attentionBackward: WrittenKernel<'attentionBackward'> = {
  claims: claimsAttention,
  alignment: ALIGNMENT,
  plan(graph, node) {
    const scaled = { sizes: sizesOf(graph, node), scale: node.params.scale };
    const { delta, shares } = workspace(scaled.sizes);
    return { label: labelOf('attention backward', scaled.sizes), workspaceBytes: delta + 2 * shares, bind: (kernels, operands) => bindBackward(kernels, scaled, operands) };
  },
};

/** Causal bf16 attention over heads of 64 and 128; everything else is written out in products. */
function claimsAttention(node: AttentionNode, graph: Graph): boolean {
  if (node.params.mask !== 'causal' || !(node.params.scale > 0)) return false;
  const { batch, queries, heads, headDim, keys } = sizesOf(graph, node);
  const blocks = Math.ceil(Math.max(queries, keys) / BLOCK);
  const fits = batch <= MAX_GRID_Y_OR_Z && blocks <= MAX_GRID_Y_OR_Z && batch * keys * heads * headDim < MAX_SHARES;
  return graph.values[node.inputs[0]!]!.type.dtype === 'bf16' && HEAD_DIMS.includes(headDim) && batch * queries * keys * heads > 0 && fits;
}

function labelOf(what: string, { batch, queries, heads, keys, kvHeads, headDim }: AttentionSizes): string {
  return `${what} ${batch}x${queries}x${heads} over ${keys}x${kvHeads}, head ${headDim}`;
}

function sizesOf(graph: Graph, node: AttentionNode): AttentionSizes {
  return attentionSizes(graph.values[node.inputs[0]!]!, graph.values[node.inputs[1]!]!);
}

/** Bytes, each a multiple of 256. */
function workspace({ batch, queries, heads, headDim, keys, group }: AttentionSizes): { readonly delta: number; readonly shares: number } {
  const padded = (elements: number) => Math.ceil((elements * 4) / 256) * 256;
  return { delta: padded(batch * heads * queries), shares: group === 1 ? 0 : padded(batch * keys * heads * headDim) };
}

type Values = Readonly<Record<string, number | bigint>>;

function bound(kernels: KernelSource, name: string, fields: readonly (readonly [string, ParamType])[], values: Values, shape: LaunchShape): BoundLaunch {
  const params = KernelParams.of(...fields.map(([field, type]) => [type, values[field]!] as const));
  return { kernel: kernels.function(name).allowSharedBytes(shape.sharedBytes), shape, params };
}

/** A block for each head, row of the batch and 64 of `rows`, with `tiles` tiles of 64 rows. */
function shapeOf({ heads, batch, headDim }: AttentionSizes, rows: number, tiles: number, extraBytes = 0): LaunchShape {
  const sharedBytes = tiles * BLOCK * headDim * 2 + extraBytes;
  return { grid: [heads, batch, Math.ceil(rows / BLOCK)], block: [THREADS, 1, 1], sharedBytes };
}

function bindForward(kernels: KernelSource, { sizes, scale }: Scaled, { inputs, outputs }: CallOperands): BoundLaunch {
  const [q, k, v] = inputs as [bigint, bigint, bigint];
  const [out, lse] = outputs as [bigint, bigint];
  const values: Values = { ...sizes, scale, q, k, v, out, lse };
  return bound(kernels, `attention_forward_${sizes.headDim}`, ATTENTION_PARAMS.attention_forward, values, shapeOf(sizes, sizes.queries, 5));
}

function bindBackward(kernels: KernelSource, { sizes, scale }: Scaled, operands: CallOperands): readonly BoundLaunch[] {
  const [q, k, v, out, lse, dOut] = operands.inputs as [bigint, bigint, bigint, bigint, bigint, bigint];
  const [dQ, dK, dV] = operands.outputs as [bigint, bigint, bigint];
  const { delta: deltaBytes, shares } = workspace(sizes);
  const delta = operands.workspace;
  const partK = delta + BigInt(deltaBytes);
  const { queries, keys, headDim, group, batch, kvHeads } = sizes;
  const fours = (batch * keys * kvHeads * headDim) / 4;
  const values: Values = { ...sizes, scale, q, k, v, out, lse, dOut, dQ, dK, dV, delta, partK, partV: partK + BigInt(shares), fours };
  // dQ comes first: it writes delta. lse and delta of two blocks lie behind the tiles of the second kernel.
  const launches = [
    bound(kernels, `attention_dq_${headDim}`, ATTENTION_PARAMS.attention_dq, values, shapeOf(sizes, queries, 6)),
    bound(kernels, `attention_dkv_${headDim}`, ATTENTION_PARAMS.attention_dkv, values, shapeOf(sizes, keys, 6, 4 * BLOCK * 4)),
  ];
  if (group === 1) return launches;
  const sum: LaunchShape = { grid: [Math.ceil(fours / SUM_THREADS), 2, 1], block: [SUM_THREADS, 1, 1], sharedBytes: 0 };
  return [...launches, bound(kernels, 'attention_group_sum', ATTENTION_PARAMS.attention_group_sum, values, sum)];
}
