/** The rotary part of config.json, in the spelling of transformers 4 (rope_theta, rope_scaling) and 5 (rope_parameters). */
import { z } from 'zod';
import { configError, unsupported } from './config-errors.ts';

/** How rotary frequencies are changed for long contexts (spec section 7). */
export type RopeScaling =
  | { readonly kind: 'none' }
  /** inv_freq / factor */
  | { readonly kind: 'linear'; readonly factor: number }
  /** As `none` up to the model's own length; beyond, the frequencies would follow the longest row of each batch, which is refused. */
  | { readonly kind: 'dynamic'; readonly factor: number }
  | {
      readonly kind: 'yarn';
      readonly factor: number;
      /** Multiplies cosines and sines. */
      readonly attentionFactor: number;
      readonly betaFast: number;
      readonly betaSlow: number;
      readonly truncate: boolean;
      readonly originalMaxPositionEmbeddings: number;
    }
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFreqFactor: number;
      readonly highFreqFactor: number;
      readonly originalMaxPositionEmbeddings: number;
    };

export interface Rope {
  readonly theta: number;
  readonly scaling: RopeScaling;
}

const number = z.number().nullish();
const positive = z.number().positive().nullish();

const ropeSchema = z.looseObject({
  rope_type: z.string().nullish(),
  type: z.string().nullish(),
  rope_theta: positive,
  factor: positive,
  low_freq_factor: positive,
  high_freq_factor: positive,
  original_max_position_embeddings: positive,
  partial_rotary_factor: number,
  attention_factor: positive,
  mscale: number,
  mscale_all_dim: number,
  beta_fast: number,
  beta_slow: number,
  truncate: z.boolean().nullish(),
});
type RopeParameters = z.infer<typeof ropeSchema>;

/** For a family's schema. */
export const ropeFields = {
  original_max_position_embeddings: positive,
  rope_theta: positive,
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: ropeSchema.nullish(),
  partial_rotary_factor: number,
};

export interface RopeSource {
  readonly rope_theta?: number | null | undefined;
  readonly rope_scaling?: RopeParameters | null | undefined;
  readonly rope_parameters?: RopeParameters | null | undefined;
  readonly partial_rotary_factor?: number | null | undefined;
  readonly original_max_position_embeddings?: number | null | undefined;
  readonly max_position_embeddings: number;
}

/** transformers' `default_theta`, used where neither generation of file names one. */
const DEFAULT_ROPE_THETA = 10_000;

/** @throws AppError MODEL-CONFIG, MODEL-UNSUPPORTED */
export function ropeOf(raw: RopeSource, file: string): Rope {
  const parameters = raw.rope_parameters ?? raw.rope_scaling ?? {};
  if (Object.values(parameters).some((value) => typeof value === 'object' && value !== null && 'rope_type' in value)) {
    throw unsupported(file, 'rope parameters that differ by layer');
  }
  const theta = parameters.rope_theta ?? raw.rope_theta ?? DEFAULT_ROPE_THETA;
  const original = raw.original_max_position_embeddings ?? parameters.original_max_position_embeddings ?? raw.max_position_embeddings;
  return { theta, scaling: scalingOf(parameters, original, raw.max_position_embeddings, file) };
}

/** The share of a head that is rotated. */
export function partialRotaryOf(raw: RopeSource): number {
  const parameters = raw.rope_parameters ?? raw.rope_scaling ?? {};
  return parameters.partial_rotary_factor ?? raw.partial_rotary_factor ?? 1;
}

function scalingOf(parameters: RopeParameters, original: number, max: number, file: string): RopeScaling {
  const type = parameters.rope_type ?? parameters.type ?? 'default';
  const need = (key: 'factor' | 'low_freq_factor' | 'high_freq_factor'): number => {
    const value = parameters[key];
    if (value === undefined || value === null) throw configError(file, `rope type "${type}" needs ${key}`);
    return value;
  };
  switch (type) {
    case 'default':
      return { kind: 'none' };
    case 'linear':
      return { kind: 'linear', factor: need('factor') };
    case 'dynamic':
      return { kind: 'dynamic', factor: need('factor') };
    case 'yarn':
      return yarnOf(parameters, original, max);
    case 'llama3': {
      const [low, high] = [need('low_freq_factor'), need('high_freq_factor')];
      if (low >= high) throw configError(file, 'low_freq_factor must be below high_freq_factor');
      return { kind: 'llama3', factor: need('factor'), lowFreqFactor: low, highFreqFactor: high, originalMaxPositionEmbeddings: original };
    }
    default:
      throw unsupported(file, `rope type "${type.slice(0, 100)}" (default, linear, dynamic, yarn and llama3 are)`);
  }
}

function yarnOf(parameters: RopeParameters, original: number, max: number): RopeScaling {
  const factor = parameters.factor ?? max / original;
  const { mscale, mscale_all_dim: allDim } = parameters;
  const derived = mscale && allDim ? mscaleOf(factor, mscale) / mscaleOf(factor, allDim) : mscaleOf(factor, 1);
  return {
    kind: 'yarn',
    factor,
    attentionFactor: parameters.attention_factor ?? derived,
    betaFast: parameters.beta_fast || 32,
    betaSlow: parameters.beta_slow || 1,
    truncate: parameters.truncate ?? true,
    originalMaxPositionEmbeddings: original,
  };
}

function mscaleOf(scale: number, mscale: number): number {
  return scale <= 1 ? 1 : 0.1 * mscale * Math.log(scale) + 1;
}
