import { assertNever } from '../../../shared/lib/assert-never.ts';
import type { ModelConfig, RopeScaling } from '../../../shared/domain/model.ts';

/**
 * Inverse frequencies theta^(-2i/d), f32 [headDim / 2], with the model's scaling (spec section 7). Each step is rounded to
 * float32 as transformers computes it, so that long positions give the same angles.
 */
export function inverseFrequencies(config: ModelConfig): Float32Array {
  const half = config.headDim / 2;
  return Float32Array.from({ length: half }, (_, i) => {
    const exponent = Math.fround((2 * i) / config.headDim);
    return scaled(Math.fround(1 / Math.fround(config.rope.theta ** exponent)), config.rope.scaling);
  });
}

function scaled(frequency: number, scaling: RopeScaling): number {
  switch (scaling.kind) {
    case 'none':
      return frequency;
    case 'linear':
      return frequency / scaling.factor;
    case 'llama3': {
      const wavelength = (2 * Math.PI) / frequency;
      const { factor, lowFreqFactor: low, highFreqFactor: high, originalMaxPositionEmbeddings: original } = scaling;
      if (wavelength > original / low) return frequency / factor;
      if (wavelength < original / high) return frequency;
      const t = (original / wavelength - low) / (high - low);
      return ((1 - t) * frequency) / factor + t * frequency;
    }
    default:
      return assertNever(scaling);
  }
}
