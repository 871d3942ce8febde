/** @file Every GEMM kernel against float64 on the CPU: odd sizes, strides, batches, beta, poisoned outputs, reruns. */
import type { CudaContext } from '../../src/main/engine/backends/cuda/driver/context.ts';
import { bindGemm, launchAll } from '../../src/main/engine/backends/cuda/gemm-launch.ts';
import { chooseGemm, planGemm, planHopper } from '../../src/main/engine/backends/cuda/gemm-plan.ts';
import type { GemmPlan } from '../../src/main/engine/backends/cuda/gemm-plan.ts';
import { BF16_TILES, HOPPER_TILES, hasExtendedForm, leadingDimensions } from '../../src/main/engine/backends/cuda/gemm-tiles.ts';
import type { GemmLayout, GemmProblem } from '../../src/main/engine/backends/cuda/gemm-tiles.ts';
import type { KernelLibrary } from '../../src/main/engine/backends/cuda/kernel-library.ts';
import { emptyArray, poisonedArray, randomArray, randomSource, valueAt } from './numbers.ts';
import type { Dtype, HostArray } from './numbers.ts';

const SIZES: readonly (readonly [m: number, n: number, k: number])[] = [
  [1, 1, 1],
  [7, 31, 33],
  [31, 7, 129],
  [33, 129, 31],
  [129, 33, 4099],
  [16, 900, 4099],
  [4099, 16, 129],
  [257, 513, 65],
  [64, 64, 64],
  [128, 256, 96],
  [130, 258, 34],
  [8, 1, 4099],
  [1, 4099, 7],
];
const LAYOUTS: readonly GemmLayout[] = ['nn', 'nt', 'tn', 'tt'];
const MAX_SAMPLES = 1500;

interface Case {
  readonly problem: GemmProblem;
  readonly plan: GemmPlan;
  readonly beta: number;
  /** Entries of the inner batch dimension. */
  readonly inner: number;
}

export interface CheckResult {
  readonly cases: number;
  readonly failures: readonly string[];
  /** Largest error over its bound, by kind of kernel. */
  readonly worst: Readonly<Record<string, number>>;
}

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

function paddedProblem(size: readonly [number, number, number], layout: GemmLayout, dtype: Dtype, index: number): GemmProblem {
  const [m, n, k] = size;
  const out: Dtype = index % 3 === 0 ? 'f32' : 'bf16';
  const tight = leadingDimensions({ m, n, k, layout, dtype, out });
  const batch = [1, 3, 6][index % 3]!;
  return {
    m,
    n,
    k,
    layout,
    dtype,
    out,
    batch,
    lda: roundUp(tight.lda, 8),
    ldb: roundUp(tight.ldb, 8),
    ldc: index % 2 === 0 ? roundUp(n, 8) + 8 : n + (index % 5),
  };
}

function allCases(context: CudaContext, kernels: KernelLibrary): readonly Case[] {
  const cases: Case[] = [];
  const add = (problem: GemmProblem, plan: GemmPlan): void => {
    const index = cases.length;
    cases.push({ problem, plan, beta: index % 4 === 3 ? 1 : 0, inner: (problem.batch ?? 1) === 6 ? 2 : (problem.batch ?? 1) });
  };
  SIZES.forEach((size) => {
    const names = [...BF16_TILES.map(({ name }) => name), 'any', 'f32'];
    names.forEach((name) => {
      LAYOUTS.forEach((layout, at) => {
        const known = BF16_TILES.find((tile) => tile.name === name);
        if (known !== undefined && !known.layouts.includes(layout)) return;
        const problem = paddedProblem(size, layout, name === 'f32' ? 'f32' : 'bf16', cases.length + at);
        const splits = cases.length % 2 === 0 || size[2] < 200 ? 1 : 3;
        add(problem, planGemm(problem, name, splits));
      });
    });
    // What the planner picks for tight, mostly unaligned operands; gemv among them.
    LAYOUTS.forEach((layout) => {
      (['bf16', 'f32'] as const).forEach((dtype) => {
        const problem: GemmProblem = { m: size[0], n: size[1], k: size[2], layout, dtype, out: dtype, batch: 1 };
        add(problem, chooseGemm(problem, context.facts));
      });
    });
  });
  addHopperAndSecond(context, kernels, add);
  [1, 2, 3, 5, 8].forEach((m) => {
    (['bf16', 'f32'] as const).forEach((dtype) => {
      [
        [896, 4864],
        [97, 4096],
        [4099, 72],
      ].forEach(([n, k]) => {
        const problem: GemmProblem = { m, n: n!, k: k!, layout: 'nt', dtype, out: dtype, batch: 1 };
        add(problem, chooseGemm(problem, context.facts));
      });
    });
  });
  return cases;
}

const WIDE_SIZES: readonly (readonly [m: number, n: number, k: number])[] = [
  [1, 1, 1],
  [129, 33, 4099],
  [16, 900, 4099],
  [257, 513, 65],
  [130, 258, 34],
  [896, 896, 896],
  [1153, 1411, 520],
  [3000, 200, 70],
];
const SECOND_K = [1, 16, 64, 100];

/** The kernels of one generation of cards, and a second product wherever a kernel takes one. */
function addHopperAndSecond(context: CudaContext, kernels: KernelLibrary, add: (problem: GemmProblem, plan: GemmPlan) => void): void {
  const hopper = kernels.has('gemm-wgmma.cu') ? HOPPER_TILES : [];
  let index = 0;
  for (const size of WIDE_SIZES) {
    for (const tile of [...hopper, ...BF16_TILES.filter(hasExtendedForm)]) {
      for (const layout of tile.layouts) {
        for (const withSecond of [false, true]) {
          if (!tile.hopper && (!withSecond || (layout !== 'nt' && layout !== 'nn'))) continue;
          index += 1;
          const k2 = SECOND_K[index % SECOND_K.length]!;
          const tight = leadingDimensions({ m: size[0], n: size[1], k: k2, layout, dtype: 'bf16', out: 'bf16' });
          const second = { k: k2, lda: roundUp(tight.lda, 8), ldb: roundUp(tight.ldb, 8) + 8 };
          const problem: GemmProblem = { ...paddedProblem(size, layout, 'bf16', index), batch: 1, ...(withSecond ? { second } : {}) };
          const splits = index % 5 === 0 && size[2] > 200 ? 3 : 1;
          add(problem, tile.hopper ? planHopper(problem, tile, splits, context.facts) : planGemm(problem, tile.name, splits));
        }
      }
    }
  }
}

interface Geometry {
  readonly rowsA: number;
  readonly rowsB: number;
  readonly strides: readonly [a: number, b: number, c: number];
}

function geometry({ problem }: Case): Geometry {
  const { lda, ldb, ldc } = leadingDimensions(problem);
  const rowsA = problem.layout[0] === 'n' ? problem.m : problem.k;
  const rowsB = problem.layout[1] === 'n' ? problem.k : problem.n;
  // Multiples of 8 keep batch entries as aligned as their rows are; the spare row of C is a guard.
  return { rowsA, rowsB, strides: [roundUp(rowsA * lda, 8), roundUp(rowsB * ldb, 8), roundUp((problem.m + 1) * ldc, 8)] };
}

/** Runs one case; returns the largest error over its bound, or throws with what went wrong. */
function runCase(context: CudaContext, kernels: KernelLibrary, item: Case, seed: number): number {
  const { problem, plan, beta, inner } = item;
  const batch = problem.batch ?? 1;
  const random = randomSource(seed);
  const { strides } = geometry(item);
  const a = randomArray(problem.dtype, strides[0] * batch, random);
  const b = randomArray(problem.dtype, strides[1] * batch, random);
  const before = beta === 0 ? poisonedArray(problem.out, strides[2] * batch) : randomArray(problem.out, strides[2] * batch, random);
  const second = problem.second ? secondOperands(problem, random) : undefined;
  const buffers = [a, b, before, ...(second ? [second.a, second.b] : [])].map((array) => {
    const buffer = context.allocate(array.byteLength);
    buffer.upload(array);
    return buffer;
  });
  const workspace = context.allocate(plan.workspaceBytes);
  const stream = context.stream();
  const outer = (stride: number): number => stride * inner;
  const bound = bindGemm(kernels, problem, plan, {
    a: buffers[0]!.pointer,
    b: buffers[1]!.pointer,
    c: buffers[2]!.pointer,
    workspace: workspace.pointer,
    strideA: strides[0],
    strideB: strides[1],
    strideC: strides[2],
    batchInner: inner,
    outerA: outer(strides[0]),
    outerB: outer(strides[1]),
    outerC: outer(strides[2]),
    alpha: 0.5,
    beta,
    ...(second ? { a2: buffers[3]!.pointer, b2: buffers[4]!.pointer, ratio: RATIO } : {}),
  });
  const read = (): HostArray => {
    stream.synchronize();
    return buffers[2]!.download(emptyArray(problem.out, before.length));
  };
  launchAll(stream, bound);
  const after = read();
  buffers[2]!.upload(before);
  const graph = stream.capture(() => launchAll(stream, bound));
  graph.launch(stream);
  const again = read();
  graph.dispose();
  [...buffers, workspace].forEach((buffer) => buffer.dispose());
  stream.dispose();
  if (Buffer.compare(Buffer.from(after.buffer), Buffer.from(again.buffer)) !== 0) throw new Error('a rerun through a graph differs');
  checkGuards(item, before, after);
  return compare(item, { a, b, second }, before, after, random);
}

const RATIO = 0.75;

interface Operands {
  readonly a: HostArray;
  readonly b: HostArray;
  readonly second: { readonly a: HostArray; readonly b: HostArray } | undefined;
}

function secondOperands({ m, n, layout, second }: GemmProblem, random: () => number): { readonly a: HostArray; readonly b: HostArray } {
  const { k, lda, ldb } = second!;
  return {
    a: randomArray('bf16', (layout[0] === 'n' ? m : k) * lda, random),
    b: randomArray('bf16', (layout[1] === 'n' ? k : n) * ldb, random),
  };
}

/** Sum and sum of magnitudes of one element of a product, in float64. */
function dot(
  layout: GemmLayout,
  k: number,
  [a, startA, lda]: readonly [HostArray, number, number],
  [b, startB, ldb]: readonly [HostArray, number, number],
  row: number,
  column: number,
): readonly [number, number] {
  const [stepA, fromA] = layout[0] === 'n' ? [1, startA + row * lda] : [lda, startA + row];
  const [stepB, fromB] = layout[1] === 'n' ? [ldb, startB + column] : [1, startB + column * ldb];
  let [sum, magnitude] = [0, 0];
  for (let index = 0; index < k; index += 1) {
    const product = valueAt(a, fromA + index * stepA) * valueAt(b, fromB + index * stepB);
    sum += product;
    magnitude += Math.abs(product);
  }
  return [sum, magnitude];
}

function checkGuards(item: Case, before: HostArray, after: HostArray): void {
  const { problem } = item;
  const { ldc } = leadingDimensions(problem);
  const stride = geometry(item).strides[2];
  for (let index = 0; index < after.length; index += 1) {
    const inside = index % stride;
    if (inside < problem.m * ldc && inside % ldc < problem.n) {
      if (Number.isNaN(valueAt(after, index))) throw new Error(`element ${index} was not written`);
    } else if (!Object.is(valueAt(after, index), valueAt(before, index))) {
      throw new Error(`element ${index} outside the result was written`);
    }
  }
}

function compare(item: Case, { a, b, second }: Operands, before: HostArray, after: HostArray, random: () => number): number {
  const { problem, beta } = item;
  const { m, n, k, layout } = problem;
  const { lda, ldb, ldc } = leadingDimensions(problem);
  const { strides } = geometry(item);
  const size = m * n * (problem.batch ?? 1);
  const every = size <= MAX_SAMPLES;
  let worst = 0;
  for (let sample = 0; sample < Math.min(size, MAX_SAMPLES); sample += 1) {
    // The last element always: edges are where tiles go wrong.
    const flat = every ? sample : sample === 0 ? size - 1 : Math.floor(random() * size);
    const z = Math.floor(flat / (m * n));
    const [row, column] = [Math.floor((flat % (m * n)) / n), flat % n];
    let [sum, size1] = dot(layout, k, [a, z * strides[0], lda], [b, z * strides[1], ldb], row, column);
    if (second) {
      const [more, size2] = dot(layout, problem.second!.k, [second.a, 0, problem.second!.lda], [second.b, 0, problem.second!.ldb], row, column);
      [sum, size1] = [RATIO * sum + more, size1 + size2];
    }
    const at = z * strides[2] + row * ldc + column;
    const expected = 0.5 * sum + (beta === 0 ? 0 : beta * valueAt(before, at));
    // f32 sums in any order: a random walk of rounding errors; then half a unit of the output's last place.
    const rounding = problem.out === 'bf16' ? 2 ** -8 : 2 ** -23;
    const bound = (8 + Math.sqrt(k)) * 2 ** -23 * (size1 + 1) + rounding * Math.abs(expected);
    const error = Math.abs(valueAt(after, at) - expected);
    worst = Math.max(worst, error / bound);
    if (!(error <= bound)) throw new Error(`[${z}, ${row}, ${column}] is ${valueAt(after, at)}, not ${expected} (bound ${bound})`);
  }
  return worst;
}

/** @param only kernels whose name matches */
export function checkGemms(context: CudaContext, kernels: KernelLibrary, only: RegExp): CheckResult {
  const failures: string[] = [];
  const worst: Record<string, number> = {};
  const cases = allCases(context, kernels).filter(({ plan }) => only.test(plan.kernel));
  let lost = false;
  cases.forEach((item, index) => {
    if (lost) return;
    const { m, n, k, batch, out } = item.problem;
    const label = `${item.plan.kernel} ${m}x${n}x${k} batch ${batch ?? 1} splits ${item.plan.splits} -> ${out} beta ${item.beta}`;
    try {
      const ratio = runCase(context, kernels, item, index + 1);
      const family = item.plan.kernel.replace(/_(nn|nt|tn|tt|\d)$/, '');
      worst[family] = Math.max(worst[family] ?? 0, ratio);
    } catch (error) {
      failures.push(`${label}: ${error instanceof Error ? error.message : String(error)}`);
      // The context is lost: what follows would fail for that alone.
      if (String(error).includes('CUDA_ERROR')) lost = true;
    }
  });
  return { cases: cases.length, failures, worst };
}
