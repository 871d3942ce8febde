/** @file How the kernels of gemm-wgmma.cu see their operands: one tensor map each, with the box that one copy brings. */
import type { TensorMapSpec } from './driver/tensor-map.ts';
import { GEMM_PARTS, HOPPER_CLUSTER, partsOf } from './gemm-tiles.ts';
import type { GemmPart, GemmProblem, GemmTile } from './gemm-tiles.ts';

export interface OperandAddresses {
  readonly a: bigint;
  readonly b: bigint;
  readonly a2?: bigint;
  readonly b2?: bigint;
}

/** `TensorMaps` of the source, in order: every a, b, a2, b2. What there is none of repeats the first and is not read. @param at of each part */
export function operandMaps(problem: GemmProblem, tile: GemmTile, at: readonly OperandAddresses[]): readonly TensorMapSpec[] {
  const parts = partsOf(problem).map((part, i) => mapsOfPart({ ...problem, n: part.n }, tile, part, at[i]!));
  const all = Array.from({ length: GEMM_PARTS }, (_, i) => parts[i] ?? parts[0]!);
  return [0, 1, 2, 3].flatMap((operand) => all.map((maps) => maps[operand]!));
}

function mapsOfPart(problem: GemmProblem, tile: GemmTile, { k, lda, ldb, second }: GemmPart, at: OperandAddresses): readonly TensorMapSpec[] {
  const first = pair(problem, tile, { a: at.a, b: at.b, k, lda, ldb });
  return [...first, ...(second ? pair(problem, tile, { a: at.a2!, b: at.b2!, ...second }) : first)];
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
  const rowsOfB =
    layout[1] === 't' ? { columns: k, rows: n, boxRows: tile.n / HOPPER_CLUSTER } : { columns: n, rows: k, boxRows: tile.k / HOPPER_CLUSTER };
  return [
    { address: a, leading: lda, ...rowsOfA },
    { address: b, leading: ldb, ...rowsOfB },
  ];
}
