/** @file What is known of a model folder, as it crosses a process or lies in the registry. */
import { z } from 'zod';
import { MODEL_FAMILIES, type ModelState } from './model.ts';

const size = z.int().min(0);
const tokenId = z.int().min(0);

const ropeScalingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('linear'), factor: z.number() }),
  z.object({ kind: z.literal('dynamic'), factor: z.number() }),
  z.object({
    kind: z.literal('yarn'), factor: z.number(), attentionFactor: z.number(), betaFast: z.number(), betaSlow: z.number(), truncate: z.boolean(),
    originalMaxPositionEmbeddings: z.number(),
  }),
  z.object({ kind: z.literal('llama3'), factor: z.number(), lowFreqFactor: z.number(), highFreqFactor: z.number(), originalMaxPositionEmbeddings: z.number() }),
]);

const configSchema = z.object({
  family: z.enum(MODEL_FAMILIES),
  hiddenSize: size,
  intermediateSize: size,
  layers: size,
  heads: size,
  kvHeads: size,
  headDim: size,
  vocabSize: size,
  rmsNormEps: z.number(),
  rope: z.object({ theta: z.number(), scaling: ropeScalingSchema }),
  tieWordEmbeddings: z.boolean(),
  qkvBias: z.boolean(),
  oBias: z.boolean(),
  mlpBias: z.boolean(),
  maxPositionEmbeddings: size,
  bosTokenId: tokenId.nullable(),
  eosTokenIds: z.array(tokenId),
  padTokenId: tokenId.nullable(),
});

const factsSchema = z.object({
  modelType: z.string(),
  config: configSchema,
  parameters: size,
  weightBytes: size,
  dtypes: z.record(z.string(), size),
  chatTemplate: z.string().nullable(),
  eosToken: z.string().nullable(),
  license: z.string().nullable(),
});

const errorSchema = z.object({ code: z.string(), message: z.string(), data: z.record(z.string(), z.unknown()).optional(), remedy: z.string().optional() });

export const modelStateSchema: z.ZodType<ModelState> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('usable'), facts: factsSchema }),
  z.object({ kind: z.literal('unusable'), error: errorSchema }),
]);
