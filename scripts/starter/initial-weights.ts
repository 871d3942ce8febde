import type { FlatLayout } from '../../src/main/engine/train/flat-layout.ts';
import { elementCount } from '../../src/main/engine/ir/shape.ts';
import { seededRandom } from '../../src/shared/lib/seeded-random.ts';

const STANDARD_DEVIATION = 0.02;

/**
 * First values of every weight: norms 1, the rest normal with standard deviation 0.02, and 0.02 / sqrt(2 * layers) for the
 * two projections of a layer that write to the residual stream (Radford et al. 2019, section 2.3).
 */
export function initialWeights(layout: FlatLayout, layers: number, seed: number): Float32Array {
  const normal = normalSource(seed);
  const values = new Float32Array(layout.size);
  for (const { name, shape, offset } of layout.entries) {
    const part = values.subarray(offset, offset + elementCount(shape));
    if (name.includes('norm')) part.fill(1);
    else {
      const deviation = /[.](o_proj|down_proj)[.]/.test(name) ? STANDARD_DEVIATION / Math.sqrt(2 * layers) : STANDARD_DEVIATION;
      part.forEach((_, i) => (part[i] = deviation * normal()));
    }
  }
  return values;
}

/** Standard normal numbers by Box and Muller's method. */
function normalSource(seed: number): () => number {
  const random = seededRandom(seed);
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
