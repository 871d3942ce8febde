/** @file Pairs of products that read the same gradient G (G B and G^T P) as one step, and up to three such steps as one launch. */
import type { GemmDevice } from '../gemm-tiles.ts';
import { planSweep, sweepCall, SWEEP_PARTS, takesSweep } from '../sweep.ts';
import { Uses, type Ordered } from './ordered.ts';
import type { MatrixOperand } from './products.ts';
import type { CallStep, Place, ProductStep, Step, SweepPart } from './steps.ts';

interface Pair {
  readonly order: number;
  readonly across: Ordered & { readonly step: ProductStep };
  readonly down: Ordered & { readonly step: ProductStep };
}

/** @param ordered steps in the order in which they run */
export function joinSweeps(ordered: readonly Ordered[], device: GemmDevice): readonly Ordered[] {
  const uses = new Uses(ordered);
  const pairs = findPairs(ordered, uses, device);
  if (pairs.length === 0) return ordered;
  const groups = groupPairs(pairs, uses);
  const gone = new Set(pairs.flatMap(({ across, down }) => [across.step, down.step] as Step[]));
  const steps = groups.map((group) => ({ order: group.at(-1)!.order, step: sweepOf(group, device) }));
  return [...ordered.filter(({ step }) => !gone.has(step)), ...steps].sort((a, b) => a.order - b.order);
}

function findPairs(ordered: readonly Ordered[], uses: Uses, device: GemmDevice): readonly Pair[] {
  const downs = new Map<string, Pair['down'][]>();
  const products = ordered.filter((entry): entry is Pair['down'] => entry.step.kind === 'product' && isPlain(entry.step));
  for (const entry of products) {
    if (entry.step.product.layout !== 'tn' || entry.step.problem.out !== 'f32' || uses.writers(entry.step.target) !== 1) continue;
    const key = sourceOf(entry.step);
    downs.set(key, [...(downs.get(key) ?? []), entry]);
  }
  return products.flatMap((across): Pair[] => {
    const { product, problem } = across.step;
    const dense = product.layout === 'nn' && problem.out === 'bf16' && product.b.leading === product.n && takesSweep(product.n, device);
    const down = dense ? downs.get(sourceOf(across.step))?.find((entry) => suits(across, entry, uses)) : undefined;
    return down ? [{ order: across.order, across, down }] : [];
  });
}

/** bf16 operands on 16 bytes, one matrix, nothing added, a result that can be stored 16 bytes at a time. */
function isPlain({ product, problem, second, more, beta }: ProductStep): boolean {
  return (
    problem.dtype === 'bf16' &&
    second === null &&
    more.length === 0 &&
    beta === 0 &&
    product.batch[0] * product.batch[1] === 1 &&
    problem.operandsAligned !== false &&
    problem.outputAligned !== false
  );
}

function sourceOf({ product: { a } }: ProductStep): string {
  return `${a.base} ${a.offset} ${a.leading}`;
}

function suits({ order, step: across }: Pair['across'], { step: down }: Pair['down'], uses: Uses): boolean {
  const [u, v] = [across.product, down.product];
  const fits =
    v.n === u.n && v.m === u.k && v.k === u.m && [u.a.leading, v.b.leading, across.problem.ldc ?? u.n].every((leading) => leading % 8 === 0);
  return fits && down.reads.every((id) => uses.isReady(id, order));
}

/** Pairs of the same rows and rank run together where the first results are not needed before the last gradient is there. */
function groupPairs(pairs: readonly Pair[], uses: Uses): readonly (readonly Pair[])[] {
  const groups: Pair[][] = [];
  for (const pair of pairs) {
    const open = groups.at(-1);
    const needed = open ? Math.min(...open.flatMap(({ across, down }) => [across.step.target, down.step.target]).map((id) => uses.firstRead(id))) : 0;
    const [a, b] = [open?.[0]?.across.step.product, pair.across.step.product];
    if (open && a && open.length < SWEEP_PARTS && a.m === b.m && a.n === b.n && needed > pair.order) open.push(pair);
    else groups.push([pair]);
  }
  return groups;
}

/** Bytes of an element: G, B, P and U are bf16, V is f32 (`findPairs`). */
const [HALF, FULL] = [2, 4];

function sweepOf(group: readonly Pair[], device: GemmDevice): CallStep {
  const parts = group.map(({ across, down }): SweepPart => {
    const [u, v] = [across.step.product, down.step.product];
    return {
      size: { n: u.k, ldg: u.a.leading, ldp: v.b.leading, ldu: across.step.problem.ldc ?? u.n, alphaU: u.alpha, alphaV: v.alpha },
      g: u.a,
      b: u.b,
      p: v.b,
      u: { target: across.step.target, offset: u.outputOffset },
      v: { target: down.step.target, offset: v.outputOffset },
    };
  });
  const { m, n } = group[0]!.across.step.product;
  const plan = planSweep(
    m,
    n,
    parts.map(({ size }) => size),
    device,
  );
  const reads = new Set(group.flatMap(({ across, down }) => [...across.step.reads, ...down.step.reads]));
  const operand = ({ base, offset }: MatrixOperand): Place => ({ base, offset: offset * HALF });
  return {
    kind: 'call',
    call: sweepCall(plan),
    computes: { kind: 'sweep', sweep: { plan, parts } },
    inputs: parts.flatMap(({ g, b, p }) => [g, b, p].map(operand)),
    outputs: parts.flatMap(({ u, v }): Place[] => [
      { base: u.target, offset: u.offset * HALF },
      { base: v.target, offset: v.offset * FULL },
    ]),
    reads: [...reads],
    writes: [...new Set(parts.flatMap(({ u, v }) => [u.target, v.target]))],
  };
}
