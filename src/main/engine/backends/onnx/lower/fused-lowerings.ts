import type { FusedOp, Op } from '../../../ir/op-types.ts';
import { lowerAttention, lowerAttentionBackward } from './attention.ts';
import { lowerLayerNorm, lowerLayerNormBackward } from './layer-norm.ts';
import { lowerLinearCrossEntropy } from './linear-cross-entropy.ts';
import type { OnnxLowering } from './lowering.ts';
import { lowerRmsNorm, lowerRmsNormBackward } from './rms-norm.ts';
import { lowerRope } from './rope.ts';
import { lowerSwiglu, lowerSwigluBackward } from './swiglu.ts';

/** Fused ops that the CPU provider computes faster than their decomposition; the others are expanded before lowering. */
export const fusedLowerings = {
  attention: lowerAttention,
  attentionBackward: lowerAttentionBackward,
  layerNorm: lowerLayerNorm,
  layerNormBackward: lowerLayerNormBackward,
  linearCrossEntropy: lowerLinearCrossEntropy,
  rmsNorm: lowerRmsNorm,
  rmsNormBackward: lowerRmsNormBackward,
  rope: lowerRope,
  swiglu: lowerSwiglu,
  swigluBackward: lowerSwigluBackward,
} satisfies { readonly [K in FusedOp]?: OnnxLowering<K> };

export const claimedOps: ReadonlySet<Op> = new Set(Object.keys(fusedLowerings) as FusedOp[]);
