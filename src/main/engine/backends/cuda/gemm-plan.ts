/**
 * @file Which GEMM kernel, how many blocks and how many splits of k: pure arithmetic over sizes and the card.
 * Kernels and their parameters: kernels/gemm-bf16.cu, gemm-f32.cu, gemv.cu and `GemmParams` of kernels/common.cuh.
 */
import type { ParamType } from './driver/params.ts';
import type { LaunchShape } from './driver/stream.ts';
import { estimateSeconds, splitLength, tilesAcross } from './gemm-cost.ts';
import {
  ANY_TILE,
  BF16_TILES,
  F32_TILE,
  HOPPER_CLUSTER,
  HOPPER_TILES,
  hasExtendedForm,
  leadingDimensions,
  takesHopper,
  takesSecond,
} from './gemm-tiles.ts';
import type { GemmDevice, GemmProblem, GemmTile } from './gemm-tiles.ts';

export interface GemmPlan {
  readonly kernel: string;
  readonly shape: LaunchShape;
  readonly splits: number;
  readonly kPerSplit: number;
  /** Bits for `GemmParams.flags`. */
  readonly flags: number;
  /** f32 bytes for the splits' sums; 0 when there is one split. */
  readonly workspaceBytes: number;
  /** Second launch, same parameters, when there are several splits. */
  readonly reduce: LaunchShape | undefined;
  /** Of a kernel that reads its operands through tensor maps. */
  readonly hopper?: GemmTile;
}

/** `GemmParams` of kernels/common.cuh, field by field. */
export const GEMM_PARAMS = [
  ['a', 'ptr'],
  ['b', 'ptr'],
  ['c', 'ptr'],
  ['partial', 'ptr'],
  ['innerA', 'i64'],
  ['innerB', 'i64'],
  ['innerC', 'i64'],
  ['outerA', 'i64'],
  ['outerB', 'i64'],
  ['outerC', 'i64'],
  ['m', 'u32'],
  ['n', 'u32'],
  ['k', 'u32'],
  ['lda', 'u32'],
  ['ldb', 'u32'],
  ['ldc', 'u32'],
  ['batchInner', 'u32'],
  ['splits', 'u32'],
  ['kPerSplit', 'u32'],
  ['flags', 'u32'],
  ['alpha', 'f32'],
  ['beta', 'f32'],
  ['a2', 'ptr'],
  ['b2', 'ptr'],
  ['lda2', 'u32'],
  ['ldb2', 'u32'],
  ['k2', 'u32'],
  ['ratio', 'f32'],
] as const satisfies readonly (readonly [string, ParamType])[];

/** `Part` and `Parts` of kernels/gemm-wgmma.cu. */
export const GEMM_PART = [
  ['c', 'ptr'],
  ['n', 'u32'],
  ['ldc', 'u32'],
  ['k', 'u32'],
  ['tilesN', 'u32'],
] as const satisfies readonly (readonly [string, ParamType])[];
export const GEMM_COUNTS = [
  ['alongK', 'u32'],
  ['alongN', 'u32'],
] as const satisfies readonly (readonly [string, ParamType])[];

const FLAG = { outF32: 1, cAligned: 2, abAligned: 4 } as const;

const SPLITS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
const MAX_WORKSPACE_BYTES = 64 * 2 ** 20;
const GEMV_ROWS = 8;
const MAX_GRID_Y_OR_Z = 65_535;

/**
 * Chooses kernel, grid and splits for one product, the same for the same sizes and card (so reruns are bitwise equal).
 * @throws RangeError for sizes below 1, leading dimensions shorter than a row, or a batch over 65,535
 */
export function chooseGemm(problem: GemmProblem, device: GemmDevice): GemmPlan {
  const batch = problem.batch ?? 1;
  checkProblem(problem, batch);
  const flags = flagsOf(problem);
  if (problem.layout === 'nt' && problem.m <= GEMV_ROWS && !problem.second && !problem.more && device.wgmma !== 'always')
    return gemvPlan(problem, device, batch, flags);
  const tiles = candidates(problem, (flags & FLAG.abAligned) !== 0, device).filter(
    (used) => used.sharedBytes <= device.maxSharedBytesPerBlock && (!problem.second || used.hopper || hasExtendedForm(used)),
  );
  let best: { readonly tile: GemmTile; readonly splits: number; readonly cost: number } | undefined;
  for (const candidate of tiles) {
    for (const splits of SPLITS) {
      if (splits > 1 && (problem.more || !splitFits(problem, batch, candidate, splits))) break;
      const cost = estimateSeconds(problem, device, batch, candidate, splits);
      if (best === undefined || cost < best.cost) best = { tile: candidate, splits, cost };
    }
  }
  return planOf(problem, batch, best!.tile, best!.splits, flags, device);
}

/** The plan for a given tile and number of splits (the benchmark compares them all). */
export function planHopper(problem: GemmProblem, tile: GemmTile, splits: number, device: GemmDevice): GemmPlan {
  return planOf(problem, 1, tile, splits, flagsOf(problem), device);
}

/** The same for the tiles of every card. */
export function planGemm(problem: GemmProblem, tileName: string, splits: number): GemmPlan {
  const chosen = [...BF16_TILES, ANY_TILE, F32_TILE].find(({ name }) => name === tileName);
  if (chosen === undefined) throw new RangeError(`no GEMM tile is named ${tileName}`);
  return planOf(problem, problem.batch ?? 1, chosen, splits, flagsOf(problem));
}

function checkProblem(problem: GemmProblem, batch: number): void {
  const { m, n, k } = problem;
  const sizes = [m, n, k, batch];
  if (!sizes.every((size) => Number.isInteger(size) && size >= 1 && size < 2 ** 31)) {
    throw new RangeError(`GEMM sizes must be integers from 1 to 2^31 - 1, got m ${m}, n ${n}, k ${k}, batch ${batch}`);
  }
  if (problem.second && !takesSecond(problem, problem.second)) throw new RangeError('this product takes no second one');
  if (batch > MAX_GRID_Y_OR_Z) throw new RangeError(`GEMM batch ${batch} is over ${MAX_GRID_Y_OR_Z}`);
  const least = leadingDimensions({ m, n, k, layout: problem.layout, dtype: problem.dtype, out: problem.out });
  const { lda, ldb, ldc } = leadingDimensions(problem);
  if (lda < least.lda || ldb < least.ldb || ldc < least.ldc) {
    throw new RangeError(`GEMM leading dimensions ${lda}, ${ldb}, ${ldc} are below ${least.lda}, ${least.ldb}, ${least.ldc}`);
  }
}

function flagsOf(problem: GemmProblem): number {
  const { lda, ldb, ldc } = leadingDimensions(problem);
  const step = problem.dtype === 'bf16' ? 8 : 4;
  const operands = (problem.operandsAligned ?? true) && lda % step === 0 && ldb % step === 0;
  const output = (problem.outputAligned ?? true) && ldc % (problem.out === 'bf16' ? 8 : 4) === 0;
  return (problem.out === 'f32' ? FLAG.outF32 : 0) | (output ? FLAG.cAligned : 0) | (operands ? FLAG.abAligned : 0);
}

function candidates(problem: GemmProblem, aligned: boolean, device: GemmDevice): readonly GemmTile[] {
  if (problem.dtype === 'f32') return [F32_TILE];
  if (!aligned) return [ANY_TILE];
  const served = (tiles: readonly GemmTile[]) => tiles.filter(({ layouts }) => layouts.includes(problem.layout));
  const hopper = device.wgmma && takesHopper(problem) ? served(HOPPER_TILES) : [];
  if (problem.more) return hopper;
  return device.wgmma === 'always' && hopper.length > 0 ? hopper : [...hopper, ...served(BF16_TILES)];
}

function splitFits(problem: GemmProblem, batch: number, { k }: GemmTile, splits: number): boolean {
  return problem.k >= splits * 4 * k && 4 * splits * batch * problem.m * problem.n <= MAX_WORKSPACE_BYTES;
}

/** Blocks of a persistent grid: as many clusters as the card holds, or as there are pairs of tiles. */
function hopperGrid(problem: GemmProblem, used: GemmTile, splits: number, { multiprocessors }: GemmDevice): number {
  const pairs = Math.ceil(problem.m / (used.m * HOPPER_CLUSTER)) * tilesAcross(problem, used) * splits;
  return HOPPER_CLUSTER * Math.min(pairs, Math.floor(multiprocessors / HOPPER_CLUSTER));
}

function kernelOf(problem: GemmProblem, used: GemmTile): string {
  if (used.hopper) return `wgmma_${used.name}_${problem.layout}`;
  return used === F32_TILE ? `gemm_f32_${problem.layout}` : `gemm_bf16_${used.name}_${problem.layout}${problem.second ? '_x' : ''}`;
}

function planOf(problem: GemmProblem, batch: number, used: GemmTile, splits: number, flags: number, device?: GemmDevice): GemmPlan {
  const tiles = Math.ceil(problem.m / used.m) * Math.ceil(problem.n / used.n);
  const kPerSplit = splitLength(problem, used, splits);
  const blocks = Math.min(4096, Math.ceil((problem.m * problem.n) / 256));
  return {
    kernel: kernelOf(problem, used),
    ...(used.hopper ? { hopper: used } : {}),
    shape: {
      grid: used.hopper ? [hopperGrid(problem, used, splits, device!), 1, 1] : [tiles, splits, batch],
      block: [used.threads, 1, 1],
      sharedBytes: used.sharedBytes,
    },
    splits,
    kPerSplit,
    flags,
    workspaceBytes: splits === 1 ? 0 : 4 * splits * batch * problem.m * problem.n,
    reduce: splits === 1 ? undefined : { grid: [blocks, 1, batch], block: [256, 1, 1], sharedBytes: 0 },
  };
}

function gemvPlan(problem: GemmProblem, device: GemmDevice, batch: number, flags: number): GemmPlan {
  const rows = [1, 2, 4, 8].find((count) => count >= problem.m)!;
  // Several warps share a column until there are about 16 warps a multiprocessor, or too little k to share.
  const step = problem.dtype === 'bf16' ? 256 : 128;
  const columns = problem.dtype === 'bf16' && rows > 2 ? 4 : 2;
  let splits = 1;
  while (splits < 8 && (problem.n / columns) * batch * splits < device.multiprocessors * 16 && problem.k >= splits * 4 * step) splits *= 2;
  return {
    kernel: `gemv_${problem.dtype}_${rows}`,
    shape: { grid: [Math.ceil((Math.ceil(problem.n / columns) * splits) / 8), 1, batch], block: [256, 1, 1], sharedBytes: 0 },
    splits,
    kPerSplit: problem.k,
    flags,
    workspaceBytes: 0,
    reduce: undefined,
  };
}
