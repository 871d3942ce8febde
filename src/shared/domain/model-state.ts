/** @file What is known of a model folder, as it crosses a process or lies in the registry. */
import { z } from 'zod';
import type { ModelState } from './model.ts';

const size = z.int().min(0);
/** Bounds of what a folder may make an engine tell. */
const MOST_ROWS = 64;
const MOST_LAYERS = 10_000;
const label = z.string().max(256);

const factsSchema = z.object({
  modelType: z.string(),
  context: size,
  layers: size,
  vocabulary: size,
  rows: z.array(z.tuple([label, z.union([z.string().max(1024), z.number(), z.boolean()])])).max(MOST_ROWS),
  adaptable: z.array(z.tuple([label, size, size, size])).max(MOST_LAYERS),
  parameters: size,
  weightBytes: size,
  dtypes: z.record(z.string(), size),
  chatTemplate: z.string().nullable(),
  eosToken: z.string().nullable(),
  license: z.string().nullable(),
});

const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
  remedy: z.string().optional(),
});

export const modelStateSchema: z.ZodType<ModelState> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('usable'), facts: factsSchema }),
  z.object({ kind: z.literal('unusable'), error: errorSchema }),
]);
