/** @file What a step of a schedule is: one or a few launches, with the values they read and write. */
import type { AnyNode, ValueId } from '../../../ir/graph.ts';
import type { GeneratedKernel } from '../codegen/generated-kernel.ts';
import type { GemmPlan } from '../gemm-plan.ts';
import type { GemmProblem } from '../gemm-tiles.ts';
import type { SweepPlan, SweepSize } from '../sweep.ts';
import type { Call } from '../written-kernel.ts';
import type { MatrixOperand, Product } from './products.ts';

export interface KernelStep {
  readonly kind: 'kernel';
  readonly kernel: GeneratedKernel;
  readonly reads: readonly ValueId[];
  readonly writes: readonly ValueId[];
}

export interface MoreProduct {
  readonly product: Product;
  readonly second: Product | null;
  readonly target: ValueId;
}

export interface ProductStep {
  readonly kind: 'product';
  readonly product: Product;
  /** Added by the same kernel; `product.alpha` and its own count. */
  readonly second: Product | null;
  readonly problem: GemmProblem;
  readonly plan: GemmPlan;
  /** Products in the same launch, as `problem.more` says; those along n have a target of their own. */
  readonly more: readonly MoreProduct[];
  /** Value that holds the result: the product's own output, or the sum it is added to. */
  readonly target: ValueId;
  /** 1 where the result is added to what `target` holds. */
  readonly beta: 0 | 1;
  readonly reads: readonly ValueId[];
  readonly writes: readonly ValueId[];
}

/** One layer's part of a sweep; offsets in elements. */
export interface SweepPart {
  readonly size: SweepSize;
  readonly g: MatrixOperand;
  readonly b: MatrixOperand;
  readonly p: MatrixOperand;
  readonly u: { readonly target: ValueId; readonly offset: number };
  readonly v: { readonly target: ValueId; readonly offset: number };
}

/** U = G B and V = G^T P of up to three layers, G read once. */
export interface Sweep {
  readonly plan: SweepPlan;
  readonly parts: readonly SweepPart[];
}

/** Where an operand starts; `offset` in bytes. */
export interface Place {
  readonly base: ValueId;
  readonly offset: number;
}

/** Kernels written by hand, for a node or for a sweep over a gradient. */
export interface CallStep {
  readonly kind: 'call';
  readonly call: Call;
  readonly computes: { readonly kind: 'node'; readonly node: AnyNode } | { readonly kind: 'sweep'; readonly sweep: Sweep };
  /** As `call.bind` takes them. */
  readonly inputs: readonly Place[];
  readonly outputs: readonly Place[];
  readonly reads: readonly ValueId[];
  readonly writes: readonly ValueId[];
}

/** Dense elements of one value into another, offsets in bytes. */
export interface CopyStep {
  readonly kind: 'copy';
  readonly from: ValueId;
  readonly fromOffset: number;
  readonly to: ValueId;
  readonly toOffset: number;
  readonly bytes: number;
  readonly reads: readonly ValueId[];
  readonly writes: readonly ValueId[];
}

export interface ZeroStep {
  readonly kind: 'zero';
  readonly target: ValueId;
  readonly bytes: number;
  readonly reads: readonly ValueId[];
  readonly writes: readonly ValueId[];
}

export type Step = KernelStep | ProductStep | CallStep | CopyStep | ZeroStep;

/** Bytes that a step takes while it runs. */
export function workspaceOf(step: Step): number {
  if (step.kind === 'product') return step.plan.workspaceBytes;
  return step.kind === 'call' ? step.call.workspaceBytes : 0;
}

/** Something that happens to a state when every other step is done. */
export type FinalStep =
  | { readonly kind: 'store'; readonly state: string; readonly from: ValueId; readonly fromOffset: number; readonly bytes: number }
  | { readonly kind: 'zero'; readonly state: string; readonly bytes: number };
