import type { DeviceFacts } from './driver/device.ts';

/** nn: A[m,k] B[k,n]; nt: A[m,k] B[n,k]; tn: A[k,m] B[k,n]; tt: A[k,m] B[n,k]. All row-major. */
export type GemmLayout = 'nn' | 'nt' | 'tn' | 'tt';

export interface GemmProblem {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly layout: GemmLayout;
  /** Of A and B. Sums are f32 in either case. */
  readonly dtype: 'bf16' | 'f32';
  /** Of C. */
  readonly out: 'bf16' | 'f32';
  /** Products in all; 1 by default. */
  readonly batch?: number;
  /** Elements from row to row; tight by default. */
  readonly lda?: number;
  readonly ldb?: number;
  readonly ldc?: number;
  /** Whether pointers and batch strides of A and B (and of C) are multiples of 16 bytes; true by default. */
  readonly operandsAligned?: boolean;
  readonly outputAligned?: boolean;
  /** A second product of the same layout added to the first, without batch: its inner size and leading dimensions. */
  readonly second?: GemmSecond;
  /** Products in the same launch (kernels/gemm-wgmma.cu alone): further addends of the sum, or further products of the same A. */
  readonly more?: { readonly along: 'k' | 'n'; readonly parts: readonly GemmPart[] };
}

export interface GemmSecond {
  readonly k: number;
  readonly lda: number;
  readonly ldb: number;
}

export interface GemmPart {
  readonly n: number;
  readonly k: number;
  readonly lda: number;
  readonly ldb: number;
  readonly ldc: number;
  readonly second?: GemmSecond;
}

/** Products that one launch takes. */
export const GEMM_PARTS = 3;

export type GemmDevice = Pick<DeviceFacts, 'multiprocessors' | 'computeCapability' | 'maxSharedBytesPerBlock' | 'maxSharedBytesPerMultiprocessor'> & {
  /** Whether kernels/gemm-wgmma.cu is loaded; `always`: it takes whatever it can, however slow that is (for tests). */
  readonly wgmma?: boolean | 'always';
};

export interface GemmTile {
  readonly name: string;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly threads: number;
  readonly sharedBytes: number;
  /** Blocks a multiprocessor holds by registers; shared memory may allow fewer. */
  readonly resident: number;
  /** Arithmetic rate when the card is full, relative to `ratesOf`; fitted like COST. */
  readonly rate: number;
  readonly layouts: readonly GemmLayout[];
  /** For kernels/gemm-wgmma.cu. */
  readonly hopper?: { readonly pingpong: boolean };
}

const TWO: readonly GemmLayout[] = ['nn', 'nt'];
const THREE: readonly GemmLayout[] = ['nn', 'nt', 'tn'];
const FOUR: readonly GemmLayout[] = [...THREE, 'tt'];

function tile(
  name: string,
  m: number,
  n: number,
  k: number,
  warps: number,
  stages: number,
  resident: number,
  rate: number,
  layouts: readonly GemmLayout[],
): GemmTile {
  return { name, m, n, k, threads: warps * 32, sharedBytes: (m + n) * k * 2 * stages, resident, rate, layouts };
}

/** The tiles of kernels/gemm-bf16.cu. */
export const BF16_TILES: readonly GemmTile[] = [
  tile('128x256', 128, 256, 64, 8, 3, 1, 1.07, THREE),
  tile('128x128', 128, 128, 32, 4, 4, 2, 1.03, THREE),
  tile('128x64', 128, 64, 32, 4, 4, 3, 0.85, THREE),
  tile('64x64', 64, 64, 32, 4, 4, 5, 0.8, FOUR),
  tile('64x16', 64, 16, 64, 4, 4, 4, 0.3, THREE),
  tile('16x128', 16, 128, 64, 4, 4, 2, 0.38, THREE),
];
/** Blocks of a cluster: they take tiles one above the other. */
export const HOPPER_CLUSTER = 2;
const HOPPER_THREADS = 384;

function hopperTile(name: string, n: number, stages: number, rate: number, layouts: readonly GemmLayout[] = TWO): GemmTile {
  // Whole boxes of 64 by 64 where n is contiguous; the barriers, and room to begin at a multiple of 1024.
  const stage = (128 + Math.ceil(n / 64) * 64) * 64 * 2;
  const shape = { m: 128, n, k: 64, threads: HOPPER_THREADS, sharedBytes: stage * stages + 2048, resident: 1 };
  return { name, ...shape, rate, layouts, hopper: { pingpong: name.endsWith('pp') } };
}

/** The tiles of kernels/gemm-wgmma.cu: "pp" has a tile for each of two groups in turn. */
export const HOPPER_TILES: readonly GemmTile[] = [
  hopperTile('128x256', 256, 4, 1.13, THREE),
  hopperTile('128x224', 224, 4, 1.1),
  hopperTile('128x192', 192, 5, 1.1),
  hopperTile('128x128', 128, 6, 1.03, THREE),
  hopperTile('128x192pp', 192, 5, 0.985),
  hopperTile('128x128pp', 128, 6, 0.92),
];

/** The products of a launch, the first one's sizes taken from the problem itself. */
export function partsOf(problem: GemmProblem): readonly GemmPart[] {
  const { n, k, second } = problem;
  return [{ n, k, ...leadingDimensions(problem), ...(second ? { second } : {}) }, ...(problem.more?.parts ?? [])];
}

/** Whether kernels/gemm-wgmma.cu takes the product: 16-byte aligned bf16 operands that a tensor map can describe, no batch. */
export function takesHopper(problem: GemmProblem): boolean {
  const { lda, ldb } = leadingDimensions(problem);
  const leading = [lda, ldb, ...(problem.second ? [problem.second.lda, problem.second.ldb] : [])];
  return problem.dtype === 'bf16' && (problem.batch ?? 1) === 1 && (problem.operandsAligned ?? true) && leading.every((step) => step % 8 === 0);
}

/** Tiles and layouts that also come with a second product. */
const EXTENDED_TILES: ReadonlySet<string> = new Set(['128x256', '128x128', '128x64', '64x64']);
const EXTENDED_LAYOUTS: ReadonlySet<GemmLayout> = new Set(['nn', 'nt']);
/** Below this the vector kernels serve, which take no second product. */
const EXTENDED_LEAST_ROWS = 9;

/** Whether one kernel can add `second` to the product: 16-byte aligned bf16 operands, nn or nt, no batch. */
export function takesSecond(problem: GemmProblem, second: { readonly k: number; readonly lda: number; readonly ldb: number }): boolean {
  const { lda, ldb } = leadingDimensions(problem);
  const aligned = (problem.operandsAligned ?? true) && [lda, ldb, second.lda, second.ldb].every((leading) => leading % 8 === 0);
  return (
    problem.dtype === 'bf16' && (problem.batch ?? 1) === 1 && EXTENDED_LAYOUTS.has(problem.layout) && aligned && problem.m >= EXTENDED_LEAST_ROWS
  );
}

export function hasExtendedForm({ name }: GemmTile): boolean {
  return EXTENDED_TILES.has(name);
}

/** Operands of any alignment. */
export const ANY_TILE = tile('any', 64, 64, 32, 4, 2, 4, 0.1, FOUR);
/** kernels/gemm-f32.cu. */
export const F32_TILE: GemmTile = { name: 'f32', m: 64, n: 64, k: 16, threads: 128, sharedBytes: 0, resident: 3, rate: 1, layouts: FOUR };

/** Leading dimensions of a problem, tight where it names none. */
export function leadingDimensions(problem: GemmProblem): { readonly lda: number; readonly ldb: number; readonly ldc: number } {
  const { m, n, k, layout } = problem;
  return {
    lda: problem.lda ?? (layout[0] === 'n' ? k : m),
    ldb: problem.ldb ?? (layout[1] === 'n' ? n : k),
    ldc: problem.ldc ?? n,
  };
}
