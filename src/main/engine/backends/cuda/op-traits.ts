/**
 * @file What the schedule has to know of each op, in one table that the compiler proves complete: the only file of this backend that
 * names ops in strings. Tables elsewhere have ops as keys (what to write for each), and everybody else asks for a trait or a kind.
 */
import type { AnyNode } from '../../ir/graph.ts';
import type { CoreOp, FusedOp, Op } from '../../ir/op-types.ts';
import type { Claimed } from './written-kernels.ts';

export interface OpTraits {
  /** Which kernel computes it: a generated one that it may share, a reduction (shared where rows allow), or one of its own kind. */
  readonly kernel: 'generated' | 'reduction' | 'product' | 'scatter' | 'written';
  /** Never a part of another kernel: its value always lies in memory. */
  readonly alone: boolean;
  /** Computing it once more for a second reader: nothing, what reading several tensors takes, or more than writing it once. */
  readonly again: 'free' | 'joins' | 'dear';
  /** An element of the result depends on the inputs' elements at the same place alone. */
  readonly samePlace: boolean;
  /** The input's own memory, read through strides. */
  readonly view: boolean;
  /** Equal ones become one. Not so products, reductions and functions: the backward pass recomputes what it means to recompute. */
  readonly shared: boolean;
}

const generated = { kernel: 'generated', alone: false, again: 'free', samePlace: false, view: false, shared: false } as const satisfies OpTraits;
const plain = { ...generated, samePlace: true } as const;
const joining = { ...plain, again: 'joins' } as const;
const dear = { ...plain, again: 'dear' } as const;
const shared = { ...generated, shared: true } as const;
const view = { ...shared, view: true } as const;
const reduction = { ...generated, kernel: 'reduction', again: 'dear' } as const;
const own = { ...generated, alone: true } as const;

export const OP_TRAITS: { readonly [K in CoreOp | Claimed]: OpTraits } = {
  neg: plain,
  sqrt: plain,
  abs: plain,
  not: plain,
  equal: plain,
  less: plain,
  lessEqual: plain,
  and: plain,
  exp: dear,
  log: dear,
  tanh: dear,
  sigmoid: dear,
  sin: dear,
  cos: dear,
  erf: dear,
  add: joining,
  sub: joining,
  mul: joining,
  div: joining,
  max: joining,
  min: joining,
  where: joining,
  cast: { ...plain, shared: true },
  // Gone before anything is scheduled: steps run in program order as they are.
  after: plain,
  constant: shared,
  iota: shared,
  random: { ...generated, again: 'dear' },
  sum: reduction,
  reduceMax: reduction,
  argmax: { ...reduction, alone: true, again: 'free' },
  matmul: { ...own, kernel: 'product' },
  scatter: { ...own, kernel: 'scatter' },
  reshape: view,
  transpose: view,
  slice: view,
  broadcast: { ...view, samePlace: true },
  concat: { ...generated, again: 'dear' },
  pad: generated,
  gather: generated,
  attention: { ...own, kernel: 'written' },
  attentionBackward: { ...own, kernel: 'written' },
};

/** @throws for a fused op that no kernel claims: those are written out before anything is scheduled */
export function traitsOf({ op }: AnyNode): OpTraits {
  const traits = (OP_TRAITS as Readonly<Partial<Record<Op, OpTraits>>>)[op];
  if (!traits) throw new Error(`internal: ${op} has no kernel and was not written out`);
  return traits;
}

/**
 * Fused ops that are computed again beside their gradient (`recomputeCheap`), by that gradient's op. Norms are not among them: a third of
 * the memory at the same price in time, since their kernel waits for its sums (docs/log.md).
 */
export const COMPUTED_AGAIN: { readonly [K in FusedOp]?: FusedOp } = { swiglu: 'swigluBackward' };

/** Core ops whose kernels compute nothing else. */
export type OwnKernelOp = 'matmul' | 'scatter';

type MaybeNode = AnyNode | null | undefined;

function kind<K extends Op>(...ops: readonly K[]): (node: MaybeNode) => node is Extract<AnyNode, { readonly op: K }> {
  const named: ReadonlySet<Op> = new Set(ops);
  return (node): node is Extract<AnyNode, { readonly op: K }> => node !== null && node !== undefined && named.has(node.op);
}

export const isProduct = kind('matmul');
export const isScatter = kind('scatter');
export const isConcat = kind('concat');
export const isConstant = kind('constant');
export const isIota = kind('iota');
export const isCast = kind('cast');
export const isAfter = kind('after');
export const isReshape = kind('reshape');
export const isTranspose = kind('transpose');
export const isSlice = kind('slice');
export const isBroadcast = kind('broadcast');
export const isSum = kind('add');
export const isScaling = kind('mul');
export const isReduce = kind('sum', 'reduceMax', 'argmax');
export const isArgmax = kind('argmax');
/** Reductions to a value, which may be taken in pieces. */
export const isFold = kind('sum', 'reduceMax');

export type ReduceNode = Extract<AnyNode, { readonly op: 'sum' | 'reduceMax' | 'argmax' }>;
export type FoldNode = Extract<AnyNode, { readonly op: 'sum' | 'reduceMax' }>;
