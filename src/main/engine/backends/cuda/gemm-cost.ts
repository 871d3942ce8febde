import { HOPPER_CLUSTER } from './gemm-tiles.ts';
import type { GemmDevice, GemmProblem, GemmTile } from './gemm-tiles.ts';

// Per multiprocessor and card, for the cost estimate only: matrix FLOP/s reached by mma.sync, and bytes/s of memory.
function ratesOf(device: GemmDevice, dtype: 'bf16' | 'f32'): { readonly flops: number; readonly memory: number } {
  const table: Readonly<Record<number, readonly [bf16: number, f32: number, memory: number]>> = {
    80: [2.3e12, 0.14e12, 1.4e12],
    86: [0.85e12, 0.28e12, 0.5e12],
    89: [1.25e12, 0.5e12, 0.8e12],
    90: [3.4e12, 0.35e12, 3.6e12],
    120: [1.25e12, 0.5e12, 1.4e12],
  };
  const [bf16, f32, memory] = table[device.computeCapability] ?? table[90]!;
  return { flops: dtype === 'bf16' ? bf16 : f32, memory };
}

/** Elements of k that each split sums: whole tiles. */
export function splitLength(problem: GemmProblem, { k }: GemmTile, splits: number): number {
  return splits === 1 ? Math.ceil(problem.k / k) * k : Math.ceil(problem.k / splits / k) * k;
}

/** Constants of the cost estimate, fitted to an H200's times of every tile and split (bench/gpu/gemm.ts):
 * what is chosen takes 2 % longer than the best of them on average, 12 % at worst. */
const COST = {
  /** Seconds to start a block and fill its pipeline. */
  start: 7.4e-7,
  /** Least seconds for 32 of k, and the power by which deeper steps are cheaper. */
  step: 2.55e-7,
  stepPower: 0.43,
  /** Share of its rate that a multiprocessor reaches with few of the blocks it could hold. */
  fewBlocks: 0.37,
  /** Second launch, and the traffic of partial sums relative to memory. */
  reduce: 1.3e-6,
  reduceTraffic: 0.57,
} as const;

function residentBlocks(device: GemmDevice, used: GemmTile): number {
  if (used.sharedBytes === 0) return used.resident;
  // The driver keeps 1 KiB a block.
  return Math.max(1, Math.min(used.resident, Math.floor(device.maxSharedBytesPerMultiprocessor / (used.sharedBytes + 1024))));
}

/** Of kernels/gemm-wgmma.cu, fitted to an H100's times of every tile over 30 shapes: what is chosen takes 1 % longer than the best on average, 9 % at worst. */
const HOPPER = {
  /** FLOP/s of a multiprocessor at rate 1. */
  flops: 5.6e12,
  /** Seconds to launch and fill the pipeline. */
  start: 2.75e-6,
  /** Seconds and share of memory traffic that storing a tile takes of its group's time. */
  stored: 1.5e-6,
  storing: 0.33,
} as const;

/** Tiles across all products of a launch that have columns of their own. */
export function tilesAcross({ n, more }: GemmProblem, used: GemmTile): number {
  const own = Math.ceil(n / used.n);
  return more?.along === 'n' ? more.parts.reduce((sum, part) => sum + Math.ceil(part.n / used.n), own) : own;
}

/** Rounds of a persistent grid: products, then the result, which only a pingpong tile hides behind the next one's products. */
function estimateHopper(problem: GemmProblem, device: GemmDevice, used: GemmTile, splits: number): number {
  const { memory } = ratesOf(device, 'bf16');
  const clusters = Math.floor(device.multiprocessors / HOPPER_CLUSTER);
  const more = problem.more?.parts ?? [];
  const alongN = problem.more?.along === 'n' ? more : [];
  const extraK = problem.more?.along === 'k' ? more.reduce((sum, { k }) => sum + Math.ceil(k / used.k) * used.k, 0) : 0;
  const columns = alongN.reduce((sum, { n }) => sum + n, problem.n);
  const pairs = Math.ceil(problem.m / (used.m * HOPPER_CLUSTER)) * tilesAcross(problem, used) * splits;
  const rounds = Math.ceil(pairs / clusters);
  const outBytes = splits > 1 || problem.out === 'f32' ? 4 : 2;
  const length = splitLength(problem, used, splits) + extraK + Math.ceil((problem.second?.k ?? 0) / used.k) * used.k;
  const products = (2 * used.m * used.n * length) / (HOPPER.flops * used.rate);
  const storing = HOPPER.stored + (HOPPER.storing * used.m * used.n * outBytes * device.multiprocessors) / memory;
  const compute = used.hopper!.pingpong ? rounds * Math.max(products, storing) + storing : rounds * (products + storing);
  const size = problem.m * columns;
  const traffic = (problem.m + columns) * (problem.k + extraK) * 2 + size * outBytes;
  const split = splits === 1 ? 0 : COST.reduce + (8 * splits * size) / (COST.reduceTraffic * memory);
  return HOPPER.start + Math.max(compute, traffic / memory) + split;
}

/** Predicted seconds, for comparing plans. Rounds of blocks: start, products or their latency, writing C; never faster than memory delivers the operands. */
export function estimateSeconds(problem: GemmProblem, device: GemmDevice, batch: number, used: GemmTile, splits: number): number {
  if (used.hopper) return estimateHopper(problem, device, used, splits);
  const rates = ratesOf(device, problem.dtype);
  const outBytes = problem.out === 'bf16' ? 2 : 4;
  const resident = residentBlocks(device, used);
  const blocks = Math.ceil(problem.m / used.m) * Math.ceil(problem.n / used.n) * batch * splits;
  const length = splitLength(problem, used, splits);
  const latency = (length / used.k) * COST.step * (used.k / 32) ** COST.stepPower;
  const round = (together: number): number => {
    const rate = rates.flops * used.rate * (COST.fewBlocks + ((1 - COST.fewBlocks) * together) / resident);
    const writing = (used.m * used.n * outBytes * together * device.multiprocessors) / (1.12 * rates.memory);
    return COST.start + writing + Math.max((2 * used.m * used.n * length * together) / rate, latency);
  };
  const perMultiprocessor = Math.ceil(blocks / device.multiprocessors);
  const together = Math.min(resident, perMultiprocessor);
  const rest = perMultiprocessor % together;
  const compute = Math.floor(perMultiprocessor / together) * round(together) + (rest === 0 ? 0 : round(rest));
  const size = problem.m * problem.n * batch;
  const traffic = (problem.m + problem.n) * problem.k * batch * (problem.dtype === 'bf16' ? 2 : 4) + size * outBytes;
  const split = splits === 1 ? 0 : COST.reduce + (8 * splits * size) / (COST.reduceTraffic * rates.memory);
  return Math.max(compute, traffic / rates.memory) + split + compute * 0.01;
}
