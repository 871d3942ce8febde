/** tokenizer.json as data: which parts of it stand, which a class replaces, and where its pieces come from. */
import { z } from 'zod';
import type { TokenSpec } from './added-tokens.ts';
import type { Pipeline, RebuiltClass } from './rebuilt-classes.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const addedSchema = z.looseObject({
  id: z.int(),
  content: z.string(),
  special: z.boolean().default(false),
  lstrip: z.boolean().optional(),
  rstrip: z.boolean().optional(),
  single_word: z.boolean().optional(),
  normalized: z.boolean().optional(),
});
/** What we look at; the rest is the native reader's to check. */
export const tokenizerJsonSchema = z.looseObject({
  added_tokens: z.array(addedSchema).default([]),
  model: z.looseObject({ type: z.string().optional() }),
  padding: z.looseObject({ pad_token: z.string() }).nullish(),
  pre_tokenizer: z.unknown().optional(),
  decoder: z.unknown().optional(),
});
export type TokenizerJson = z.infer<typeof tokenizerJsonSchema>;

export function addedTokensOf({ added_tokens }: TokenizerJson): Map<number, TokenSpec> {
  return new Map(
    added_tokens.map(({ id, content, special, lstrip, rstrip, single_word, normalized }) => [
      id,
      { content, special, lstrip, rstrip, singleWord: single_word, normalized },
    ]),
  );
}

/**
 * Whether a class can build its pipeline over these pieces. A byte-level file under LlamaTokenizer (DeepSeek-coder, R1-Distill-Llama)
 * is rebuilt by transformers into one that knows no spaces; the library mends that by the names of the models, we by the file.
 */
export function suits(json: TokenizerJson, rebuilt: RebuiltClass): boolean {
  if (json.model.type !== undefined && json.model.type !== 'BPE') return false;
  return (mentionsByteLevel(json.pre_tokenizer) || mentionsByteLevel(json.decoder) ? 'bytes' : 'text') === rebuilt.pieces;
}

function mentionsByteLevel(part: unknown): boolean {
  if (Array.isArray(part)) return part.some(mentionsByteLevel);
  if (typeof part !== 'object' || part === null) return false;
  const { type, pretokenizers, decoders } = part as Readonly<Record<string, unknown>>;
  return type === 'ByteLevel' || mentionsByteLevel(pretokenizers) || mentionsByteLevel(decoders);
}

/** The file with the class's pipeline and options; added tokens are left to be added one by one, as the library does. */
export function withPipeline(
  json: TokenizerJson,
  { model, normalizer, preTokenizer, decoder }: Pipeline,
  postProcessor: Json | 'own',
): TokenizerJson {
  const { vocab, merges } = json.model;
  return {
    ...json,
    added_tokens: [],
    truncation: null,
    padding: null,
    normalizer,
    pre_tokenizer: preTokenizer,
    decoder,
    ...(postProcessor === 'own' ? {} : { post_processor: postProcessor }),
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      ...model,
      vocab,
      merges,
    },
  };
}

/** A tokenizer.json of what vocab.json and merges.txt hold. */
export function fromVocabAndMerges(vocab: Readonly<Record<string, number>>, merges: string): TokenizerJson {
  const lines = merges
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line !== '' && !line.startsWith('#version'));
  return {
    version: '1.0',
    post_processor: null,
    padding: null,
    added_tokens: [],
    model: { type: 'BPE', vocab, merges: lines.map((line) => line.split(' ')) },
  };
}

/** A post-processor that puts `before` and `after` around plain text. */
export function around(before: readonly NamedId[], after: readonly NamedId[]): Json {
  const token = ({ text }: NamedId): Json => ({ SpecialToken: { id: text, type_id: 0 } });
  const single = [...before.map(token), { Sequence: { id: 'A', type_id: 0 } }, ...after.map(token)];
  const tokens = Object.fromEntries([...before, ...after].map(({ text, id }) => [text, { id: text, ids: [id], tokens: [text] }]));
  return { type: 'TemplateProcessing', single, pair: [...single, { Sequence: { id: 'B', type_id: 1 } }], special_tokens: tokens };
}

interface NamedId {
  readonly text: string;
  readonly id: number;
}
