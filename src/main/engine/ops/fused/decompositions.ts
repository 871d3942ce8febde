import type { FusedOp } from '../../ir/op-types.ts';
import { decomposeAdamw } from './adamw.ts';
import { decomposeAttention, decomposeAttentionBackward } from './attention.ts';
import type { Decomposition } from './decomposition.ts';
import { decomposeGlobalNormClip } from './global-norm-clip.ts';
import { decomposeLinearCrossEntropy } from './linear-cross-entropy.ts';
import { decomposeLayerNorm, decomposeLayerNormBackward } from './layer-norm.ts';
import { decomposeLinear } from './linear.ts';
import { decomposeRmsNorm, decomposeRmsNormBackward } from './rms-norm.ts';
import { decomposeRope } from './rope.ts';
import { decomposeSwiglu, decomposeSwigluBackward } from './swiglu.ts';

/** Every fused op in core ops. */
export const decompositions: { readonly [K in FusedOp]: Decomposition<K> } = {
  linear: decomposeLinear,
  rmsNorm: decomposeRmsNorm,
  rmsNormBackward: decomposeRmsNormBackward,
  layerNorm: decomposeLayerNorm,
  layerNormBackward: decomposeLayerNormBackward,
  rope: decomposeRope,
  swiglu: decomposeSwiglu,
  swigluBackward: decomposeSwigluBackward,
  attention: decomposeAttention,
  attentionBackward: decomposeAttentionBackward,
  linearCrossEntropy: decomposeLinearCrossEntropy,
  globalNormClip: decomposeGlobalNormClip,
  adamw: decomposeAdamw,
};

export const FUSED_OPS = Object.keys(decompositions) as readonly FusedOp[];

export function isFusedOp(op: string): op is FusedOp {
  return Object.hasOwn(decompositions, op);
}
