/** @file GEMM calls after their operands are known: cut to the launch grid, and paired where one kernel adds two products. */
import type { ValueId } from '../../../ir/graph.ts';
import { GEMM_PARTS, type GemmProblem } from '../gemm-tiles.ts';
import type { Product } from './products.ts';

export interface ProductCall {
  /** When its operands are ready. */
  readonly order: number;
  readonly matmul: ValueId;
  readonly product: Product;
  readonly problem: GemmProblem;
  readonly second: Product | null;
  /** Further addends in the same launch. */
  readonly more: readonly Product[];
}

/** Inner sizes up to this ride along with another product: an adapter's rank. */
const SHORT = 128;

export function secondOf({ k, a, b }: Product): { readonly k: number; readonly lda: number; readonly ldb: number } {
  return { k, lda: a.leading, ldb: b.leading };
}

/** The longest product, its launch taking up to two more and the shortest as its second, where `fits` says that a kernel does. */
export function joinAddends(calls: readonly ProductCall[], fits: (problem: GemmProblem, product: Product) => boolean): readonly ProductCall[] {
  const [host, ...rest] = [...calls].sort((a, b) => b.product.k - a.product.k);
  if (!host || !fits(host.problem, host.product)) return calls;
  const { m, n, layout, alpha } = host.product;
  const same = rest.filter(
    ({ product, problem }) => product.m === m && product.n === n && product.layout === layout && product.alpha !== 0 && fits(problem, product),
  );
  const last = same.at(-1);
  const more = same
    .slice(0, -1)
    .filter(({ product }) => product.alpha === alpha)
    .slice(0, GEMM_PARTS - 1);
  if (!last || more.length === 0) return calls;
  const joined = [host, last, ...more];
  const parts = more.map(({ product: { k, a, b } }) => ({ n, k, lda: a.leading, ldb: b.leading, ldc: host.problem.ldc ?? n }));
  const problem: GemmProblem = { ...host.problem, more: { along: 'k', parts } };
  const call = {
    ...host,
    problem,
    order: Math.max(...joined.map(({ order }) => order)),
    second: last.product,
    more: more.map(({ product }) => product),
  };
  return [...calls.filter((other) => !joined.includes(other)), call].sort((a, b) => a.order - b.order);
}

/**
 * Gives each short product to the nearest long one of the same sum that can take it, which then runs when both are ready.
 * @param fits whether a kernel exists for the pair
 * @returns calls in the order in which they run
 */
export function pairShortProducts(calls: readonly ProductCall[], fits: (problem: GemmProblem, second: Product) => boolean): readonly ProductCall[] {
  const result = [...calls];
  for (const short of calls.filter(({ product }) => product.k <= SHORT && product.alpha !== 0)) {
    const host = result
      .filter((call) => call !== short && call.matmul !== short.matmul && call.second === null && call.product.k >= 2 * short.product.k)
      .filter(
        ({ product, problem }) =>
          product.m === short.product.m && product.n === short.product.n && product.layout === short.product.layout && fits(problem, short.product),
      )
      .sort((a, b) => Math.abs(a.order - short.order) - Math.abs(b.order - short.order))[0];
    if (!host || !result.includes(short)) continue;
    result[result.indexOf(host)] = { ...host, order: Math.max(host.order, short.order), second: short.product };
    result.splice(result.indexOf(short), 1);
  }
  return result.sort((a, b) => a.order - b.order);
}

const MAX_BATCH = 65_535;

/** The grid's third dimension counts batch entries in 16 bits. */
export function batchesWithinGrid(product: Product): readonly Product[] {
  const [outer, inner] = product.batch;
  if (outer * inner <= MAX_BATCH) return [product];
  const part = (first: readonly [number, number], batch: readonly [number, number]): Product => {
    const moved = (steps: readonly [number, number]) => first[0] * steps[0] + first[1] * steps[1];
    return {
      ...product,
      batch,
      a: { ...product.a, offset: product.a.offset + moved(product.a.steps) },
      b: { ...product.b, offset: product.b.offset + moved(product.b.steps) },
      outputOffset: product.outputOffset + moved(product.outputSteps),
    };
  };
  if (outer > 1) {
    const half = Math.floor(outer / 2);
    return [...batchesWithinGrid(part([0, 0], [half, inner])), ...batchesWithinGrid(part([half, 0], [outer - half, inner]))];
  }
  const half = Math.floor(inner / 2);
  return [...batchesWithinGrid(part([0, 0], [1, half])), ...batchesWithinGrid(part([0, half], [1, inner - half]))];
}
