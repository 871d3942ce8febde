/** @file Groups the values to be written into generated kernels: each computes one or several values over one space of elements. */
import type { AnyNode, ValueId } from '../../../ir/graph.ts';
import { isReduce, traitsOf } from '../op-traits.ts';
import type { GraphView } from './graph-view.ts';
import { repeatedValues, requiredRoots, type Roots } from './roots.ts';
import { Conflict, RowAnalysis, type Dependence, type RowSpace } from './row-analysis.ts';

/** Values that one generated kernel writes. */
export interface Cluster {
  /** Program order of the first value: when the kernel runs. */
  readonly order: number;
  /** null: elementwise over `count` elements. */
  readonly space: RowSpace | null;
  readonly count: number;
  readonly rowRoots: readonly ValueId[];
  readonly fullRoots: readonly ValueId[];
  readonly reductions: ReadonlyMap<ValueId, number>;
  /** What it reads from memory. */
  readonly leaves: ReadonlySet<ValueId>;
}

export interface Clusters extends Roots {
  readonly clusters: readonly Cluster[];
  /** Reductions with a kernel of their own shape (columns, argmax). */
  readonly single: readonly ValueId[];
}

/** Kernels back that a value may join: further back, lifetimes would grow for little. */
const WINDOW = 24;
const MAX_ROUNDS = 64;

export function formClusters(view: GraphView, uses: readonly number[]): Clusters {
  const base = requiredRoots(view, uses);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const added = new Set([...repeatedValues(view, base.inMemory, base.roots)].filter((id) => !base.roots.has(id)));
    for (const id of added) base.roots.add(id);
    const conflicts = settleConflicts(view, base);
    if (added.size > 0 || conflicts) continue;
    const { clusters, single } = group(view, base);
    const repeated = reductionsComputedTwice(clusters).filter((id) => !base.roots.has(id));
    if (repeated.length === 0) return { ...base, clusters, single };
    for (const id of repeated) base.roots.add(id);
  }
  throw new Error('internal: the kernel grouping does not settle');
}

/** Values of `base.roots` that a generated kernel computes, in program order. */
function generatedRoots(view: GraphView, base: Roots): readonly ValueId[] {
  return [...base.roots]
    .filter((id) => isGenerated(view.node(id)!) && !base.combined.has(id) && !base.assembled.has(id) && !base.sideBySide.has(id))
    .sort((a, b) => view.order(a) - view.order(b));
}

function isGenerated(node: AnyNode): boolean {
  const { kernel } = traitsOf(node);
  return kernel === 'generated' || kernel === 'reduction';
}

function isSingle(view: GraphView, base: Roots, id: ValueId): boolean {
  const node = view.node(id)!;
  if (!isReduce(node)) return false;
  if (traitsOf(node).alone) return true;
  try {
    new RowAnalysis(view, (other) => base.inMemory(other)).ofRoot(id);
    return false;
  } catch (error) {
    if (error instanceof Conflict) return true;
    throw error;
  }
}

/** Reductions that can not be computed where they are used are written; true when there were any. */
function settleConflicts(view: GraphView, base: Roots & { roots: Set<ValueId> }): boolean {
  let changed = false;
  const analysis = new RowAnalysis(view, base.inMemory);
  for (const id of generatedRoots(view, base)) {
    try {
      analysis.ofRoot(id);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      const missing = error.reductions.filter((reduction) => !base.roots.has(reduction));
      for (const reduction of missing) base.roots.add(reduction);
      changed ||= missing.length > 0;
    }
  }
  return changed;
}

interface Draft {
  order: number;
  roots: ValueId[];
  cluster: Cluster;
}

function group(view: GraphView, base: Roots): { clusters: readonly Cluster[]; single: readonly ValueId[] } {
  const drafts: Draft[] = [];
  const single: ValueId[] = [];
  /** When each value is in memory. */
  const ready = new Map<ValueId, number>();
  for (const id of generatedRoots(view, base)) {
    if (isSingle(view, base, id)) {
      single.push(id);
      continue;
    }
    const alone = describe(view, base, [id], view.order(id))!;
    const host = drafts
      .slice(-WINDOW)
      .reverse()
      .map((draft) => ({ draft, merged: join(view, base, draft, alone, id, ready) }))
      .find(({ merged }) => merged);
    if (host) {
      host.draft.roots.push(id);
      host.draft.cluster = host.merged!;
      ready.set(id, host.draft.order);
    } else {
      drafts.push({ order: alone.order, roots: [id], cluster: alone });
      ready.set(id, alone.order);
    }
  }
  return { clusters: drafts.map(({ cluster }) => cluster), single };
}

/** The cluster with `id` added, or null where that is impossible or pointless. */
function join(view: GraphView, base: Roots, draft: Draft, alone: Cluster, id: ValueId, ready: ReadonlyMap<ValueId, number>): Cluster | null {
  const host = draft.cluster;
  if (host.count !== alone.count && !(host.space && alone.count === host.space.rows) && !(alone.space && host.count === alone.space.rows))
    return null;
  const early = [...alone.leaves].every((leaf) => draft.roots.includes(leaf) || (ready.get(leaf) ?? view.order(leaf)) < draft.order);
  if (!early) return null;
  const size = Math.min(host.count, alone.count);
  const shares = [...alone.leaves].some((leaf) => draft.roots.includes(leaf) || (host.leaves.has(leaf) && view.count(leaf) >= size / 2 && size > 1));
  const sharesReduction = [...alone.reductions.keys()].some((reduction) => host.reductions.has(reduction));
  if (!shares && !sharesReduction) return null;
  return describe(view, base, [...draft.roots, id], draft.order);
}

/** One kernel for all of `roots`; null where their spaces differ. */
function describe(view: GraphView, base: Roots, roots: readonly ValueId[], order: number): Cluster | null {
  const own = new Set(roots);
  const analysis = new RowAnalysis(view, (id) => base.inMemory(id) && !own.has(id));
  let dependences: readonly Dependence[];
  try {
    dependences = roots.map((id) => analysis.of(id));
  } catch (error) {
    if (error instanceof Conflict) return null;
    throw error;
  }
  const space = dependences.find((dependence) => dependence.space)?.space ?? null;
  const fits = dependences.every(
    (dependence) => !dependence.space || (dependence.space.rows === space!.rows && dependence.space.length === space!.length),
  );
  if (!fits) return null;
  const leaves = leavesOf(view, base, own);
  const reductions = new Map(dependences.flatMap((dependence) => [...dependence.reductions]));
  if (!space) {
    const count = view.count(roots[0]!);
    return roots.every((id) => view.count(id) === count) ? { order, space, count, rowRoots: [], fullRoots: roots, reductions, leaves } : null;
  }
  const levels = roots.map((id, i) => (dependences[i]!.space ? dependences[i]!.level : levelByCount(view.count(id), space)));
  if (levels.includes(null)) return null;
  const at = (level: 'row' | 'full') => roots.filter((_, i) => levels[i] === level);
  return { order, space, count: space.rows * space.length, rowRoots: at('row'), fullRoots: at('full'), reductions, leaves };
}

function levelByCount(count: number, { rows, length }: RowSpace): 'row' | 'full' | null {
  return count === rows * length ? 'full' : count === rows ? 'row' : null;
}

function leavesOf(view: GraphView, base: Roots, own: ReadonlySet<ValueId>): ReadonlySet<ValueId> {
  const leaves = new Set<ValueId>();
  const seen = new Set<ValueId>(own);
  const open = [...own];
  while (open.length > 0) {
    for (const input of view.node(open.pop()!)!.inputs) {
      if (seen.has(input)) continue;
      seen.add(input);
      if (base.inMemory(input)) leaves.add(input);
      else open.push(input);
    }
  }
  return leaves;
}

function reductionsComputedTwice(clusters: readonly Cluster[]): readonly ValueId[] {
  const times = new Map<ValueId, number>();
  for (const { reductions } of clusters) for (const id of reductions.keys()) times.set(id, (times.get(id) ?? 0) + 1);
  return [...times].filter(([, count]) => count > 1).map(([id]) => id);
}
