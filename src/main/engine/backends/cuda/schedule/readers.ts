/** @file Products of one operand (q, k and v; gate and up) as one launch, which brings it to each multiprocessor once. */
import { chooseGemm } from '../gemm-plan.ts';
import { GEMM_PARTS, takesHopper, type GemmDevice } from '../gemm-tiles.ts';
import { Uses, type Ordered } from './ordered.ts';
import type { ProductStep } from './steps.ts';

type OrderedProduct = Ordered & { readonly step: ProductStep };

/** Fewer rows are served by kernels of their own. */
const LEAST_ROWS = 128;

/** @param ordered steps in the order in which they run */
export function joinReaders(ordered: readonly Ordered[], device: GemmDevice): readonly Ordered[] {
  if (!device.wgmma) return ordered;
  const uses = new Uses(ordered);
  const open = new Map<string, Group>();
  const groups: Group[] = [];
  for (const entry of ordered) {
    if (!isProduct(entry) || !canJoin(entry.step, uses)) continue;
    const key = keyOf(entry.step);
    const group = open.get(key);
    const order = group ? placeWith(group, entry, uses) : null;
    if (group && order !== null) {
      group.order = order;
      group.entries.push(entry);
    } else {
      open.set(key, { order: entry.order, entries: [entry] });
      groups.push(open.get(key)!);
    }
  }
  const several = groups.filter(({ entries }) => entries.length > 1);
  const gone = new Set<Ordered>(several.flatMap(({ entries }) => entries));
  return [...ordered.filter((entry) => !gone.has(entry)), ...several.map((group) => together(group, device))].sort((a, b) => a.order - b.order);
}

interface Group {
  /** When all of them run. */
  order: number;
  readonly entries: OrderedProduct[];
}

/** When a group could run that has `entry` too: as it does now if all is ready then, else with the new one if nobody reads a result before. */
function placeWith({ order, entries }: Group, entry: OrderedProduct, uses: Uses): number | null {
  if (entries.length >= GEMM_PARTS) return null;
  if (entry.step.reads.every((id) => uses.isReady(id, order))) return order;
  return entries.every(({ step }) => uses.firstRead(step.target) > entry.order) ? entry.order : null;
}

function isProduct(entry: Ordered): entry is OrderedProduct {
  return entry.step.kind === 'product';
}

function canJoin({ product, problem, more, beta, target }: ProductStep, uses: Uses): boolean {
  const whole = more.length === 0 && beta === 0 && uses.writers(target) === 1 && product.layout === 'nt' && product.m >= LEAST_ROWS;
  return whole && problem.outputAligned !== false && (problem.ldc ?? problem.n) % 8 === 0 && takesHopper(problem);
}

/** What has to be the same: A, the sums' form, the output. */
function keyOf({ product: { a, m, k, alpha }, second, problem }: ProductStep): string {
  return [a.base, a.offset, a.leading, m, k, alpha, second?.k, second?.alpha, problem.out].join(' ');
}

function together({ order, entries }: Group, device: GemmDevice): OrderedProduct {
  const [first, ...rest] = entries.map(({ step }) => step) as [ProductStep, ...ProductStep[]];
  const parts = rest.map(({ problem: { n, k, ldc, second }, product: { a, b } }) => ({
    n,
    k,
    lda: a.leading,
    ldb: b.leading,
    ldc: ldc ?? n,
    ...(second ? { second } : {}),
  }));
  const problem = { ...first.problem, more: { along: 'n' as const, parts } };
  const more = rest.map(({ product, second, target }) => ({ product, second, target }));
  const all = (of: 'reads' | 'writes') => [...new Set(entries.flatMap(({ step }) => step[of]))];
  return { order, step: { ...first, problem, plan: chooseGemm(problem, device), more, reads: all('reads'), writes: all('writes') } };
}
