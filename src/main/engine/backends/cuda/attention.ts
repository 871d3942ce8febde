/** @file Which attention nodes the written kernels (kernels/attention.cu) take, and their launches. */
import type { AnyNode, Graph, Node } from '../../ir/graph.ts';
import { attentionSizes, type AttentionSizes } from '../../ops/fused/attention-scores.ts';
import { KernelParams, type ParamType } from './driver/params.ts';
import type { LaunchShape } from './driver/stream.ts';
import type { BoundLaunch, KernelSource } from './gemm-launch.ts';

export type AttentionNode = Node<'attention'> | Node<'attentionBackward'>;

export interface AttentionPlan {
  readonly backward: boolean;
  readonly sizes: AttentionSizes;
  readonly scale: number;
  /** delta, and a query head's shares of dK and dV where heads share a key head: f32, in this order. */
  readonly workspaceBytes: number;
}

/** Device addresses, 16-byte aligned, in the order of the node's inputs and outputs. */
export interface AttentionOperands {
  readonly inputs: readonly bigint[];
  readonly outputs: readonly bigint[];
  readonly workspace: bigint;
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

export function isAttention(node: AnyNode): node is AttentionNode {
  return node.op === 'attention' || node.op === 'attentionBackward';
}

/** Causal bf16 attention over heads of 64 and 128; everything else is written out in products. */
export function claimsAttention(node: AnyNode, graph: Graph): boolean {
  if (!isAttention(node) || node.params.mask !== 'causal' || !(node.params.scale > 0)) return false;
  const { batch, queries, heads, headDim, keys } = sizesOf(graph, node);
  const blocks = Math.ceil(Math.max(queries, keys) / BLOCK);
  const fits = batch <= MAX_GRID_Y_OR_Z && blocks <= MAX_GRID_Y_OR_Z && batch * keys * heads * headDim < MAX_SHARES;
  return graph.values[node.inputs[0]!]!.type.dtype === 'bf16' && HEAD_DIMS.includes(headDim) && batch * queries * keys * heads > 0 && fits;
}

export function planAttention(graph: Graph, node: AttentionNode): AttentionPlan {
  const sizes = sizesOf(graph, node);
  const backward = node.op === 'attentionBackward';
  const { delta, shares } = workspace(sizes);
  return { backward, sizes, scale: node.params.scale, workspaceBytes: backward ? delta + 2 * shares : 0 };
}

/** The launches of a planned step, in order. */
export function bindAttention(kernels: KernelSource, plan: AttentionPlan, operands: AttentionOperands): readonly BoundLaunch[] {
  return plan.backward ? bindBackward(kernels, plan, operands) : [bindForward(kernels, plan, operands)];
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

function bindForward(kernels: KernelSource, { sizes, scale }: AttentionPlan, { inputs, outputs }: AttentionOperands): BoundLaunch {
  const [q, k, v] = inputs as [bigint, bigint, bigint];
  const [out, lse] = outputs as [bigint, bigint];
  const values: Values = { ...sizes, scale, q, k, v, out, lse };
  return bound(kernels, `attention_forward_${sizes.headDim}`, ATTENTION_PARAMS.attention_forward, values, shapeOf(sizes, sizes.queries, 5));
}

function bindBackward(kernels: KernelSource, { sizes, scale }: AttentionPlan, operands: AttentionOperands): readonly BoundLaunch[] {
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
