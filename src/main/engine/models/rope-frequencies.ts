import { assertNever } from '../../../shared/lib/assert-never.ts';
import type { StateSpec } from '../backends/backend.ts';
import { INVERSE_FREQUENCIES } from '../nn/rope.ts';
import type { PositionLimit } from './model.ts';
import type { Rope, RopeScaling } from './rope-config.ts';

/**
 * Inverse frequencies theta^(-2i/d), f32 [d / 2], with the model's scaling (spec section 7). Each step is rounded to
 * float32 as transformers computes it, so that long positions give the same angles.
 * @param dim width that is rotated: a head, or the first part of one
 */
export function inverseFrequencies({ theta, scaling }: Rope, dim: number): Float32Array {
  return Float32Array.from({ length: dim / 2 }, (_, i) => {
    const exponent = Math.fround((2 * i) / dim);
    const period = Math.fround(theta ** exponent);
    return scaling.kind === 'yarn' ? yarn(period, i, dim, theta, scaling) : scaled(Math.fround(1 / period), scaling);
  });
}

/** They as the constant that `nn/rope.ts` looks for. */
export function ropeState(rope: Rope, dim: number): StateSpec {
  const data = inverseFrequencies(rope, dim);
  const type = { dtype: 'f32', shape: [data.length] } as const;
  return { name: INVERSE_FREQUENCIES, type, role: 'constant', source: { kind: 'values', tensor: { ...type, data } } };
}

/** What cosines and sines are multiplied with. */
export function rotaryAmplitude({ scaling }: Rope): number {
  return scaling.kind === 'yarn' ? scaling.attentionFactor : 1;
}

/**
 * With rope type "dynamic" the frequencies of a whole batch follow its longest row once that is longer than the model: nothing that
 * fixed tables can give. Up to there the type changes nothing.
 */
export function dynamicLimit({ scaling }: Rope, context: number): PositionLimit | null {
  if (scaling.kind !== 'dynamic') return null;
  return {
    code: 'E-ROPE-DYNAMIC',
    tokens: context,
    because: `The model has ${context} positions and rope type "dynamic", which is supported up to there`,
  };
}

type Yarn = Extract<RopeScaling, { kind: 'yarn' }>;

/** Between the frequency and its factor-th part, by how often it turns within the original context (YaRN, "NTK by parts"). */
function yarn(
  period: number,
  i: number,
  dim: number,
  theta: number,
  { factor, betaFast, betaSlow, truncate, originalMaxPositionEmbeddings: original }: Yarn,
): number {
  const dimensionOf = (turns: number): number => (dim * Math.log(original / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const [fast, slow] = [dimensionOf(betaFast), dimensionOf(betaSlow)];
  const low = Math.max(truncate ? Math.floor(fast) : fast, 0);
  const high = Math.min(truncate ? Math.ceil(slow) : slow, dim - 1);
  const width = Math.fround(low === high ? 0.001 : high - low);
  const ramp = Math.min(1, Math.max(0, Math.fround(Math.fround(i - Math.fround(low)) / width)));
  const keep = Math.fround(1 - ramp);
  const interpolated = Math.fround(1 / Math.fround(factor * period));
  return Math.fround(interpolated * Math.fround(1 - keep)) + Math.fround(Math.fround(1 / period) * keep);
}

function scaled(frequency: number, scaling: Exclude<RopeScaling, Yarn>): number {
  switch (scaling.kind) {
    case 'none':
    case 'dynamic':
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
