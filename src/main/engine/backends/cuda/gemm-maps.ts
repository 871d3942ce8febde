/** @file How the kernels of gemm-wgmma.cu see their operands: one tensor map each, with the box that one copy brings. */
import type { TensorMapSpec } from './driver/tensor-map.ts';
import { HOPPER_CLUSTER, leadingDimensions } from './gemm-tiles.ts';
import type { GemmProblem, GemmTile } from './gemm-tiles.ts';

interface Addresses {
  readonly a: bigint;
  readonly b: bigint;
  readonly a2?: bigint;
  readonly b2?: bigint;
}

/** `TensorMaps` of the source, in order: a, b, a2, b2. Without a second product the last two repeat the first and are not read. */
export function operandMaps(problem: GemmProblem, tile: GemmTile, at: Addresses): readonly TensorMapSpec[] {
  const { lda, ldb } = leadingDimensions(problem);
  const first = pair(problem, tile, { a: at.a, b: at.b, k: problem.k, lda, ldb });
  const { second } = problem;
  if (!second) return [...first, ...first];
  return [...first, ...pair(problem, tile, { a: at.a2!, b: at.b2!, ...second })];
}

interface Operands {
  readonly a: bigint;
  readonly b: bigint;
  readonly k: number;
  readonly lda: number;
  readonly ldb: number;
}

/** A is copied whole by each block; of B each block of the cluster copies its share for all: of the columns where k is contiguous, else of k. */
function pair({ m, n, layout }: GemmProblem, tile: GemmTile, { a, b, k, lda, ldb }: Operands): readonly [TensorMapSpec, TensorMapSpec] {
  const rowsOfA = layout[0] === 'n' ? { columns: k, rows: m, boxRows: tile.m } : { columns: m, rows: k, boxRows: tile.k };
  const rowsOfB = layout[1] === 't' ? { columns: k, rows: n, boxRows: tile.n / HOPPER_CLUSTER } : { columns: n, rows: k, boxRows: tile.k / HOPPER_CLUSTER };
  return [{ address: a, leading: lda, ...rowsOfA }, { address: b, leading: ldb, ...rowsOfB }];
}
