import type { Decomposition } from './decomposition.ts';

/** Elements a partial sum; a fixed order of summation, so that the norm is the same on every run. */
const BLOCK = 4096;

/** Spec 5.3, as torch: min(1, maxNorm / (norm + 1e-6)). */
export const decomposeGlobalNormClip: Decomposition<'globalNormClip'> = (b, [gradients], { maxNorm }) => {
  const blocks = b.reshape(gradients!, [gradients!.type.shape[0]! / BLOCK, BLOCK]);
  const norm = b.sqrt(b.sum(b.sum(b.mul(blocks, blocks), [1]), [0]));
  if (maxNorm === 0) return [norm, b.constant(1, 'f32')];
  return [norm, b.min(b.div(b.constant(maxNorm, 'f32'), b.add(norm, 1e-6)), 1)];
};
