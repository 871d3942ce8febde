import type { FusedOp } from '../../../ir/op-types.ts';
import type { OnnxLowering } from './lowering.ts';

/** Fused ops that the CPU provider computes faster than their decomposition; the others are expanded before lowering. */
export const fusedLowerings: { readonly [K in FusedOp]?: OnnxLowering<K> } = {};

export const claimedOps: ReadonlySet<FusedOp> = new Set(Object.keys(fusedLowerings) as FusedOp[]);
