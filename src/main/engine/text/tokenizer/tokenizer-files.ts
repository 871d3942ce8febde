/**
 * Reads what a model folder says about its tokenizer. Everything in such a folder may come from a stranger: files
 * are bounded in size, JSON is checked field by field, and nothing in them is executed.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { SaidTokens, TokenSources, TokenSpec } from './added-tokens.ts';
import { special } from './added-tokens.ts';
import { readJson, readText } from './bounded-files.ts';

const addedTokenSchema = z
  .looseObject({
    content: z.string(),
    special: z.boolean().optional(),
    lstrip: z.boolean().optional(),
    rstrip: z.boolean().optional(),
    single_word: z.boolean().optional(),
    normalized: z.boolean().optional(),
  })
  .transform(({ content, special: isSpecial = false, lstrip, rstrip, single_word, normalized }): TokenSpec => ({
    content,
    special: isSpecial,
    lstrip,
    rstrip,
    singleWord: single_word,
    normalized,
  }));
const tokenSchema = z.union([z.string().transform(special), addedTokenSchema]);
const namedSchema = tokenSchema.nullable().optional();
const templateSchema = z.union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))]);
const extraSchema = z.union([z.array(tokenSchema), z.record(z.string(), tokenSchema)]).nullish();

const tokensShape = {
  bos_token: namedSchema,
  eos_token: namedSchema,
  pad_token: namedSchema,
  unk_token: namedSchema,
  sep_token: namedSchema,
  cls_token: namedSchema,
  mask_token: namedSchema,
  extra_special_tokens: extraSchema,
  additional_special_tokens: extraSchema,
};
const tokensMapSchema = z.looseObject(tokensShape);
const configSchema = z.looseObject({
  ...tokensShape,
  tokenizer_class: z.string().nullish(),
  add_bos_token: z.boolean().nullish(),
  add_eos_token: z.boolean().nullish(),
  add_prefix_space: z.boolean().nullish(),
  legacy: z.boolean().nullish(),
  split_special_tokens: z.boolean().nullish(),
  added_tokens_decoder: z.record(z.string().regex(/^\d{1,8}$/), addedTokenSchema).optional(),
  chat_template: templateSchema.nullish(),
});
const modelSchema = z.looseObject({ model_type: z.string().nullish(), tokenizer_class: z.string().nullish() });
const generationSchema = z.looseObject({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() });
const addedFileSchema = z.record(z.string(), z.int().min(0));

/** Named templates that are read; published models have two or three. */
const MAX_TEMPLATES = 32;

export interface TokenizerFiles {
  readonly folder: string;
  readonly className: string | undefined;
  /** Of config.json. */
  readonly modelType: string | undefined;
  readonly tokens: TokenSources;
  readonly addPrefixSpace: boolean | undefined;
  readonly legacy: boolean;
  readonly splitSpecialTokens: boolean;
  /** Decide what stands around plain text where there is no tokenizer.json; with one, transformers 5 ignores both. */
  readonly addBosToken: boolean;
  readonly addEosToken: boolean;
  /** Template texts by name; `default` is the one used without tools. */
  readonly chatTemplates: Readonly<Record<string, string>>;
  /** `eos_token_id` of generation_config.json; empty if it does not say. */
  readonly generationEosIds: readonly number[];
}

/** @throws AppError TOKENIZER-FILE naming the file that is too large or malformed. */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const config = (await readJson(join(folder, 'tokenizer_config.json'), configSchema)) ?? {};
  const map = await readJson(join(folder, 'special_tokens_map.json'), tokensMapSchema);
  const model = await readJson(join(folder, 'config.json'), modelSchema);
  const generation = await readJson(join(folder, 'generation_config.json'), generationSchema);
  const addedTokensFile = await readJson(join(folder, 'added_tokens.json'), addedFileSchema);
  const templateFile = await readText(join(folder, 'chat_template.jinja'));
  const decoder = config.added_tokens_decoder;
  const eos = generation?.eos_token_id ?? [];
  return {
    folder,
    className: config.tokenizer_class ?? model?.tokenizer_class ?? undefined,
    modelType: model?.model_type ?? undefined,
    tokens: {
      config: withAdditional(saidBy(config)),
      addedTokensDecoder: decoder === undefined ? undefined : new Map(Object.entries(decoder).map(([id, token]) => [Number(id), token])),
      specialTokensMap: map === undefined ? undefined : saidBy(map),
      addedTokensFile: addedTokensFile ?? {},
    },
    addPrefixSpace: config.add_prefix_space ?? undefined,
    legacy: config.legacy === true,
    splitSpecialTokens: config.split_special_tokens === true,
    addBosToken: config.add_bos_token === true,
    addEosToken: config.add_eos_token === true,
    chatTemplates: { ...mergeTemplates(config.chat_template ?? undefined, templateFile), ...(await namedTemplates(folder)) },
    generationEosIds: (typeof eos === 'number' ? [eos] : eos).filter((id) => id >= 0),
  };
}

/** Also `image_token` and its like: any key that ends so and holds text names a token of the model's own. */
function saidBy(source: z.infer<typeof tokensMapSchema>): SaidTokens {
  const named: Record<string, TokenSpec | null> = {};
  for (const [key, value] of Object.entries(source)) {
    if (!key.endsWith('_token')) continue;
    if (value === null) named[key] = null;
    else if (typeof value === 'string') named[key] = special(value);
    else if (typeof value === 'object' && 'content' in (value as object) && key in tokensShape) named[key] = value as TokenSpec;
  }
  const additional = Array.isArray(source.additional_special_tokens) ? source.additional_special_tokens : [];
  const listed = source.extra_special_tokens ?? [];
  if (Array.isArray(listed)) return { named, extra: listed, additional };
  return { named: { ...named, ...listed }, extra: [], additional };
}

function withAdditional(said: SaidTokens): SaidTokens {
  return said.extra.length > 0 ? said : { ...said, extra: said.additional ?? [] };
}

/** Templates that stand beside `chat_template.jinja` under their names, as transformers 5 writes them. */
async function namedTemplates(folder: string): Promise<Record<string, string>> {
  const beside = join(folder, 'additional_chat_templates');
  const names = (await readdir(beside).catch(() => []))
    .filter((name) => name.endsWith('.jinja'))
    .toSorted()
    .slice(0, MAX_TEMPLATES);
  const read = await Promise.all(names.map(async (name) => [name.slice(0, -'.jinja'.length), await readText(join(beside, name))] as const));
  return Object.fromEntries(read.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])));
}

function mergeTemplates(inConfig: z.infer<typeof templateSchema> | undefined, file: string | undefined): Record<string, string> {
  const templates: Record<string, string> = {};
  if (typeof inConfig === 'string') templates['default'] = inConfig;
  else for (const { name, template } of inConfig ?? []) templates[name] = template;
  if (file !== undefined) templates['default'] = file; // the newer place wins, as in transformers
  return templates;
}
