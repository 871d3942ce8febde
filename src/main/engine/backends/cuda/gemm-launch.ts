import type { KernelFunction } from './driver/module.ts';
import { KernelParams, type ParamType } from './driver/params.ts';
import type { CudaStream, LaunchShape } from './driver/stream.ts';
import { GEMM_COUNTS, GEMM_PARAMS, GEMM_PART } from './gemm-plan.ts';
import type { GemmPlan } from './gemm-plan.ts';
import { operandMaps, type OperandAddresses } from './gemm-maps.ts';
import type { TensorMapSpec } from './driver/tensor-map.ts';
import { GEMM_PARTS, leadingDimensions, partsOf } from './gemm-tiles.ts';
import type { GemmProblem, GemmTile } from './gemm-tiles.ts';

/** Device addresses and scalars of one product. Strides count elements, from one batch entry to the next; 0 repeats. */
export interface GemmOperands {
  readonly a: bigint;
  readonly b: bigint;
  readonly c: bigint;
  /** `plan.workspaceBytes` of f32, 16-byte aligned; needed when that is not 0. */
  readonly workspace?: bigint;
  readonly strideA?: number;
  readonly strideB?: number;
  readonly strideC?: number;
  /** With two batch dimensions: entries of the inner one, and the strides of the outer. */
  readonly batchInner?: number;
  readonly outerA?: number;
  readonly outerB?: number;
  readonly outerC?: number;
  /** C = alpha * A B + beta * C; 1 and 0 by default. C is not read when beta is 0. */
  readonly alpha?: number;
  readonly beta?: number;
  /** With `problem.second`: C = alpha * (ratio * A B + A2 B2) + beta * C. */
  readonly a2?: bigint;
  readonly b2?: bigint;
  readonly ratio?: number;
  /** With `problem.more`, in its order; C of addends is the sum's. */
  readonly more?: readonly (OperandAddresses & { readonly c: bigint })[];
}

/** What `loadKernels` returns, as far as a launch needs it. */
export interface KernelSource {
  function(name: string): KernelFunction;
  /** Whether entry points of this source can be launched here; all but those for one generation of cards can. */
  has?(source: string): boolean;
  tensorMap?(spec: TensorMapSpec): Uint8Array;
}

export interface BoundLaunch {
  readonly kernel: KernelFunction;
  readonly shape: LaunchShape;
  readonly params: KernelParams;
}

/** The one or two launches of a planned product; keep and replay them, nothing is allocated at launch. */
export function bindGemm(kernels: KernelSource, problem: GemmProblem, plan: GemmPlan, operands: GemmOperands): readonly BoundLaunch[] {
  if (plan.workspaceBytes > 0 && operands.workspace === undefined) {
    throw new RangeError(`${plan.kernel} with ${plan.splits} splits needs a workspace of ${plan.workspaceBytes} bytes`);
  }
  const inner = operands.batchInner ?? problem.batch ?? 1;
  const values: Readonly<Record<(typeof GEMM_PARAMS)[number][0], number | bigint>> = {
    a: operands.a,
    b: operands.b,
    c: operands.c,
    partial: operands.workspace ?? 0n,
    innerA: operands.strideA ?? 0,
    innerB: operands.strideB ?? 0,
    innerC: operands.strideC ?? 0,
    outerA: operands.outerA ?? 0,
    outerB: operands.outerB ?? 0,
    outerC: operands.outerC ?? 0,
    m: problem.m,
    n: problem.n,
    k: problem.k,
    ...leadingDimensions(problem),
    batchInner: inner,
    splits: plan.splits,
    kPerSplit: plan.kPerSplit,
    flags: plan.flags,
    alpha: operands.alpha ?? 1,
    beta: operands.beta ?? 0,
    a2: operands.a2 ?? 0n,
    b2: operands.b2 ?? 0n,
    ratio: operands.ratio ?? 1,
    lda2: problem.second?.lda ?? 0,
    ldb2: problem.second?.ldb ?? 0,
    k2: problem.second?.k ?? 0,
  };
  const fields = GEMM_PARAMS.map(([name, type]) => [type, values[name]] as const);
  const params = plan.hopper ? hopperParams(kernels, problem, plan.hopper, operands, fields) : KernelParams.of(...fields);
  const kernel = kernels.function(plan.kernel).allowSharedBytes(plan.shape.sharedBytes);
  const first = { kernel, shape: plan.shape, params };
  if (plan.reduce === undefined) return [first];
  return [first, { kernel: kernels.function('gemm_reduce'), shape: plan.reduce, params: plan.hopper ? KernelParams.of(...fields) : params }];
}

type Field = readonly [ParamType, number | bigint | Uint8Array];

/** Tensor maps, the parts of the launch, then what every kernel takes. */
function hopperParams(kernels: KernelSource, problem: GemmProblem, tile: GemmTile, operands: GemmOperands, fields: readonly Field[]): KernelParams {
  if (kernels.tensorMap === undefined) throw new Error('internal: a product needs tensor maps');
  const addresses = [operands, ...(operands.more ?? [])];
  const maps = operandMaps(problem, tile, addresses).map((spec): Field => ['map', kernels.tensorMap!(spec)]);
  const parts = partsOf(problem).map(({ n, k, ldc }, i) => ({ c: addresses[i]!.c, n, ldc, k, tilesN: Math.ceil(n / tile.n) }));
  const none = { c: 0n, n: 0, ldc: 0, k: 0, tilesN: 0 };
  const table = Array.from({ length: GEMM_PARTS }, (_, i) => parts[i] ?? none).flatMap((part) =>
    GEMM_PART.map(([name, type]): Field => [type, part[name]]),
  );
  const along = problem.more?.along;
  const counts = { alongK: along === 'k' ? parts.length : 1, alongN: along === 'n' ? parts.length : 1 };
  const before = [...maps, ...table, ...GEMM_COUNTS.map(([name, type]): Field => [type, counts[name]])];
  return KernelParams.filled([...before, ...fields], [0, maps.length, before.length]);
}

/** Enqueues bound launches in order. */
export function launchAll(stream: CudaStream, launches: readonly BoundLaunch[]): void {
  for (const { kernel, shape, params } of launches) stream.launch(kernel, shape, params);
}
