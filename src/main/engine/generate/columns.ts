import type { StateSpec } from '../backends/backend.ts';
import { stackedLoraTypes, stackName, tableName, type GenerationPlan } from './programs.ts';

/** An adapter as stored. */
export interface ColumnAdapter {
  /** A [r, in] and B [out, r] by module path, with the scale. */
  readonly pairs: ReadonlyMap<string, AdapterPair>;
  /** Tables that stand in place of the base's, f32 [vocab, width] by module path. */
  readonly tables: ReadonlyMap<string, Float32Array>;
}

export interface AdapterPair {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly rank: number;
  /** alpha / r, or alpha / sqrt(r) with rsLoRA */
  readonly scale: number;
}

/** One adapter a column; null is the base model. */
export type Columns = readonly (ColumnAdapter | null)[];

/** The largest rank any column has on each adapted layer. */
export function stackedRanks(columns: Columns): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  for (const column of columns) {
    for (const [path, { rank }] of column?.pairs ?? []) ranks.set(path, Math.max(rank, ranks.get(path) ?? 0));
  }
  return ranks;
}

/** The rows that have a table of their own, by module path. */
export function ownTables(columns: Columns): GenerationPlan['ownTables'] {
  const rows = new Map<string, number[]>();
  columns.forEach((column, row) => {
    for (const path of column?.tables.keys() ?? []) rows.set(path, [...(rows.get(path) ?? []), row]);
  });
  return rows;
}

/** The tables of all columns that have their own. */
function tableStates(plan: GenerationPlan, columns: Columns): StateSpec[] {
  return Object.values(plan.model.tables).flatMap((table) =>
    (plan.ownTables.get(table.path) ?? []).map((row): StateSpec => {
      const shape = [table.vocab, table.width];
      const data = columns[row]!.tables.get(table.path)!;
      return {
        name: tableName(table.path, row),
        type: { dtype: plan.dtype, shape },
        role: 'constant',
        source: { kind: 'values', tensor: { dtype: 'f32', shape, data } },
      };
    }),
  );
}

/** States that hold all columns' adapters, one pair a layer; smaller ranks end in zeros, which add nothing. */
export function stackedStates(plan: GenerationPlan, columns: Columns): StateSpec[] {
  const pairs = plan.model.linears.flatMap((spec): StateSpec[] => {
    const types = stackedLoraTypes(plan, spec);
    if (!types) return [];
    const { a, b } = stack(columns, spec.path, plan.ranks.get(spec.path)!, spec.in, spec.out);
    const state = (side: 'A' | 'B', data: Float32Array): StateSpec => {
      const type = side === 'A' ? types.a : types.b;
      return {
        name: stackName(spec.path, side),
        type,
        role: 'constant',
        source: { kind: 'values', tensor: { dtype: 'f32', shape: type.shape, data } },
      };
    };
    return [state('A', a), state('B', b)];
  });
  return [...pairs, ...tableStates(plan, columns)];
}

function stack(columns: Columns, path: string, rank: number, width: number, out: number): { a: Float32Array; b: Float32Array } {
  const a = new Float32Array(columns.length * rank * width);
  const b = new Float32Array(columns.length * out * rank);
  columns.forEach((column, row) => {
    const adapter = column?.pairs.get(path);
    if (!adapter) return;
    a.set(adapter.a, row * rank * width);
    for (let o = 0; o < out; o++) {
      for (let r = 0; r < adapter.rank; r++) b[(row * out + o) * rank + r] = adapter.b[o * adapter.rank + r]! * adapter.scale;
    }
  });
  return { a, b };
}
