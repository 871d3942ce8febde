/** @file Plans and launches of kernels/sweep.cu: what an adapter's gradients take of a layer's gradient G, in one pass over it. */
import { KernelParams, type ParamType } from './driver/params.ts';
import type { BoundLaunch, KernelSource } from './gemm-launch.ts';
import type { GemmDevice } from './gemm-tiles.ts';
import type { Call } from './written-kernel.ts';

/** Sizes of one layer: G is [m, n], U = G B is [m, r], V = G^T P is [n, r]. */
export interface SweepSize {
  readonly n: number;
  /** Elements from row to row of G, P and U. */
  readonly ldg: number;
  readonly ldp: number;
  readonly ldu: number;
  readonly alphaU: number;
  readonly alphaV: number;
}

export interface SweepPlan {
  readonly m: number;
  readonly r: number;
  readonly sizes: readonly SweepSize[];
  /** Blocks across the columns of each layer, each of `subs` times 64; runs of row tiles, each of `tiles`. */
  readonly chunks: readonly number[];
  readonly subs: number;
  readonly splits: number;
  readonly tiles: number;
  readonly workspaceBytes: number;
}

interface SweepOperands {
  readonly g: bigint;
  readonly b: bigint;
  readonly p: bigint;
  readonly u: bigint;
  readonly v: bigint;
}

/** Rows of a tile, columns of a piece of it, and the kernels by the largest rank they take: stages and registers allow so many pieces a block. */
const ROWS = 128;
const COLUMNS = 64;
const THREADS = 256;
const KERNELS = [
  { rank: 16, stages: 4 },
  { rank: 32, stages: 3 },
  { rank: 64, stages: 3 },
] as const;
export const SWEEP_PARTS = 3;
export const SWEEP_MOST_RANK = 64;
const BLOCKS_A_MULTIPROCESSOR = 2;
/** Elements that a block of the second launch sums. */
const REDUCED_A_BLOCK = 128;

const PART = [
  ['g', 'ptr'],
  ['b', 'ptr'],
  ['p', 'ptr'],
  ['u', 'ptr'],
  ['v', 'ptr'],
  ['partU', 'ptr'],
  ['partV', 'ptr'],
  ['n', 'u32'],
  ['ldg', 'u32'],
  ['ldp', 'u32'],
  ['ldu', 'u32'],
  ['chunks', 'u32'],
  ['subs', 'u32'],
  ['alphaU', 'f32'],
  ['alphaV', 'f32'],
] as const satisfies readonly (readonly [string, ParamType])[];
const REST = [
  ['m', 'u32'],
  ['r', 'u32'],
  ['splits', 'u32'],
  ['tiles', 'u32'],
  ['parts', 'u32'],
  ['padding', 'u32'],
] as const satisfies readonly (readonly [string, ParamType])[];

/** `SweepLaunch` of the source. */
export const SWEEP_PARAMS: readonly (readonly [string, ParamType])[] = [...Array.from({ length: SWEEP_PARTS }, () => PART).flat(), ...REST];

function kernelOf(r: number): (typeof KERNELS)[number] {
  return KERNELS.find(({ rank }) => r <= rank)!;
}

function sharedBytes(r: number): number {
  const { rank, stages } = kernelOf(r);
  return stages * (ROWS * COLUMNS * 2 + ROWS * rank * 2) + (128 / rank) * COLUMNS * rank * 2;
}

/** Whether the card holds a block, and the rank comes in 16-byte pieces. */
export function takesSweep(r: number, device: GemmDevice): boolean {
  return r % 8 === 0 && r <= SWEEP_MOST_RANK && sharedBytes(r) <= device.maxSharedBytesPerBlock;
}

/** The cut that leaves the busiest multiprocessor the least to read, all blocks running at once. */
export function planSweep(m: number, r: number, sizes: readonly SweepSize[], { multiprocessors }: GemmDevice): SweepPlan {
  const rowTiles = Math.ceil(m / ROWS);
  const cuts = Array.from({ length: 128 / kernelOf(r).rank }, (_, i) => {
    const chunks = sizes.map(({ n }) => Math.ceil(Math.ceil(n / COLUMNS) / (i + 1)));
    const across = chunks.reduce((a, b) => a + b);
    const tiles = Math.ceil(rowTiles / Math.max(1, Math.floor((multiprocessors * BLOCKS_A_MULTIPROCESSOR) / across)));
    const splits = Math.ceil(rowTiles / tiles);
    const pieces = Math.ceil((across * splits) / multiprocessors) * tiles * (i + 1);
    // Partial sums of U are written and read once more for each chunk.
    return { chunks, subs: i + 1, tiles, splits, cost: pieces * (1 + r / (i + 1) / 16) };
  });
  const { cost: _, ...best } = cuts.reduce((a, b) => (b.cost <= a.cost ? b : a));
  const floats = sizes.reduce((sum, { n }, i) => sum + partialU(m, r, best.chunks[i]!) + partialV(n, r, best.splits), 0);
  return { m, r, sizes, ...best, workspaceBytes: floats * 4 };
}

/** Elements, in whole steps of 256 bytes. */
const padded = (elements: number): number => Math.ceil(elements / 64) * 64;
const partialU = (m: number, r: number, chunks: number): number => (chunks === 1 ? 0 : padded(chunks * m * r));
const partialV = (n: number, r: number, splits: number): number => (splits === 1 ? 0 : padded(splits * n * r));

/** Inputs: G, B and P of each part; outputs: its U and V. */
export function sweepCall(plan: SweepPlan): Call {
  return {
    label: `sweep ${plan.m}x${plan.sizes.map(({ n }) => n).join('+')} rank ${plan.r}, ${plan.chunks.join('+')} by ${plan.splits}`,
    workspaceBytes: plan.workspaceBytes,
    bind: (kernels, { inputs, outputs, workspace }) => {
      const parts = plan.sizes.map((_, i) => ({
        g: inputs[3 * i]!,
        b: inputs[3 * i + 1]!,
        p: inputs[3 * i + 2]!,
        u: outputs[2 * i]!,
        v: outputs[2 * i + 1]!,
      }));
      return bindSweep(kernels, plan, parts, workspace);
    },
  };
}

/** The launches of a planned step, in order. */
function bindSweep(kernels: KernelSource, plan: SweepPlan, operands: readonly SweepOperands[], workspace: bigint): readonly BoundLaunch[] {
  const { m, r, sizes, chunks, subs, splits, tiles } = plan;
  let at = workspace;
  const take = (elements: number): bigint => {
    const start = at;
    at += BigInt(elements * 4);
    return start;
  };
  const parts = sizes.map((size, i) => ({
    ...size,
    ...operands[i]!,
    chunks: chunks[i]!,
    subs,
    partU: take(partialU(m, r, chunks[i]!)),
    partV: take(partialV(size.n, r, splits)),
  }));
  const none = Object.fromEntries(PART.map(([name]) => [name, 0])) as Record<(typeof PART)[number][0], number>;
  const all = Array.from({ length: SWEEP_PARTS }, (_, i) => parts[i] ?? none).flatMap((part) =>
    PART.map(([name, type]) => [type, part[name]] as const),
  );
  const rest = { m, r, splits, tiles, parts: sizes.length, padding: 0 };
  const params = KernelParams.of(...all, ...REST.map(([name, type]) => [type, rest[name]] as const));
  const bytes = sharedBytes(r);
  const across = chunks.reduce((a, b) => a + b);
  const kernel = kernels.function(`sweep_${kernelOf(r).rank}`).allowSharedBytes(bytes);
  const first: BoundLaunch = { kernel, shape: { grid: [across, splits, 1], block: [THREADS, 1, 1], sharedBytes: bytes }, params };
  if (splits === 1 && chunks.every((count) => count === 1)) return [first];
  const longest = Math.max(m, ...sizes.map(({ n }) => n)) * r;
  const shape = { grid: [Math.ceil(longest / REDUCED_A_BLOCK), 2 * sizes.length, 1], block: [THREADS, 1, 1], sharedBytes: 0 } as const;
  return [first, { kernel: kernels.function('sweep_reduce'), shape, params }];
}
