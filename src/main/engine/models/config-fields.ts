/** @file Fields of config.json that families share, for schemas of their own: bounded, in the spelling of transformers 4 and 5. */
import { z } from 'zod';
import { configError, unsupported } from './config-errors.ts';
import type { ModelTokens } from './model.ts';

export const size = z.int().min(1).max(16_777_216);
/** Libraries of old write -1 for "none". */
const tokenId = z.int().min(-1).max(16_777_216);
const tokenIds = z.union([tokenId, z.array(tokenId)]).nullish();
export const flag = z.boolean().nullish();

/** What nearly every family has; spread into its schema. */
export const commonFields = {
  hidden_size: size,
  num_hidden_layers: z.int().min(1).max(1024),
  num_attention_heads: size,
  vocab_size: size,
  max_position_embeddings: size,
  tie_word_embeddings: flag,
  quantization_config: z.unknown().optional(),
  bos_token_id: tokenIds,
  eos_token_id: tokenIds,
  pad_token_id: tokenIds,
};

const generationSchema = z.looseObject({ eos_token_id: tokenIds });

/** What a family reads a model's facts from. */
export interface ConfigSource {
  /** config.json; a JSON object whose `model_type` is the family's. */
  readonly json: object;
  /** generation_config.json, if there is one. */
  readonly generation: unknown;
  /** Path of config.json, for messages. */
  readonly file: string;
}

/**
 * The file by the family's schema, what it leaves out filled in from `defaults` as transformers does. Weights that are stored
 * quantised are refused here, for every family.
 * @throws AppError MODEL-CONFIG, MODEL-UNSUPPORTED
 */
export function parseConfig<T>(schema: z.ZodType<T>, defaults: object, { json, file }: ConfigSource): T {
  const raw = parseFile(schema, { ...defaults, ...json }, file);
  const { quantization_config: quantised = null } = json as { readonly quantization_config?: unknown };
  if (quantised !== null) throw unsupported(file, 'quantization_config: the weights are stored quantised');
  return raw;
}

/** @throws AppError MODEL-CONFIG naming the field */
export function parseFile<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw configError(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'unreadable'}`);
}

interface RawTokens {
  readonly bos_token_id?: TokenIds;
  readonly eos_token_id?: TokenIds;
  readonly pad_token_id?: TokenIds;
}

/** Special tokens; the end tokens of generation_config.json win over those of config.json. @throws AppError MODEL-CONFIG */
export function tokensOf(raw: RawTokens, { generation, file }: ConfigSource): ModelTokens {
  const { eos_token_id: eos } = parseFile(generationSchema, generation ?? {}, file.replace(/config\.json$/, 'generation_config.json'));
  const first = listOf(eos);
  return {
    bos: listOf(raw.bos_token_id)[0] ?? null,
    eos: first.length > 0 ? first : listOf(raw.eos_token_id),
    pad: listOf(raw.pad_token_id)[0] ?? null,
  };
}

type TokenIds = number | readonly number[] | null | undefined;

function listOf(ids: TokenIds): readonly number[] {
  if (ids === null || ids === undefined) return [];
  return [...new Set(typeof ids === 'number' ? [ids] : ids)].filter((id) => id >= 0);
}

/** @throws AppError MODEL-CONFIG where heads do not divide what they are to divide */
export function checkHeads(heads: number, kvHeads: number, headDim: number, file: string): void {
  if (heads % kvHeads !== 0) {
    throw configError(file, `num_attention_heads ${heads} is not a multiple of num_key_value_heads ${kvHeads}`);
  }
  if (!Number.isInteger(headDim)) throw configError(file, 'hidden_size is not a multiple of num_attention_heads');
}

/** @throws AppError MODEL-CONFIG where a width that is rotated is odd */
export function checkRotaryWidth(width: number, file: string): void {
  if (width % 2 !== 0) throw configError(file, `rotary embedding would rotate ${width} numbers of each head: it needs pairs, and that is odd`);
}
