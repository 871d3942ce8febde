/**
 * Reads what a model folder says about its tokenizer. Everything in such a folder may come from a stranger: files
 * are bounded in size, JSON is checked field by field, and nothing in them is executed.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../../shared/lib/app-error.ts';

/** Bytes. The largest published tokenizer.json (Gemma 3) has 33 MB. */
const MAX_TOKENIZER_BYTES = 134_217_728;
const MAX_CONFIG_BYTES = 16_777_216;

const tokenSchema = z.union([z.string(), z.looseObject({ content: z.string() }).transform((token) => token.content), z.null()]);
const templateSchema = z.union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))]);

const namedTokens = {
  bos_token: tokenSchema.optional(),
  eos_token: tokenSchema.optional(),
  pad_token: tokenSchema.optional(),
  unk_token: tokenSchema.optional(),
  sep_token: tokenSchema.optional(),
  cls_token: tokenSchema.optional(),
  mask_token: tokenSchema.optional(),
};
const configSchema = z.looseObject({
  ...namedTokens,
  add_bos_token: z.boolean().nullish(),
  add_eos_token: z.boolean().nullish(),
  chat_template: templateSchema.nullish(),
});
const tokensMapSchema = z.looseObject(namedTokens);
const generationSchema = z.looseObject({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() });

export interface TokenizerFiles {
  readonly folder: string;
  readonly tokenizerFile: string;
  /** `bos_token` and so on to its text, without absent ones. */
  readonly namedTokens: Readonly<Record<string, string>>;
  /** Present when tokenizer_config.json decides them, which then overrules tokenizer.json's post-processor. */
  readonly addBosToken: boolean | undefined;
  readonly addEosToken: boolean | undefined;
  /** Template texts by name; `default` is the one used without tools. */
  readonly chatTemplates: Readonly<Record<string, string>>;
  /** `eos_token_id` of generation_config.json; empty if it does not say. */
  readonly generationEosIds: readonly number[];
}

/** @throws AppError TOKENIZER-FILE naming the file that is missing, too large or malformed. */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const tokenizerFile = join(folder, 'tokenizer.json');
  const size = await sizeOf(tokenizerFile);
  if (size === undefined) throw fileError(tokenizerFile, 'it does not exist', 'Choose a model folder that has a tokenizer.json (a "fast" tokenizer).');
  if (size > MAX_TOKENIZER_BYTES) throw fileError(tokenizerFile, `it has ${size} bytes, more than ${MAX_TOKENIZER_BYTES}`);
  const config = await readJson(join(folder, 'tokenizer_config.json'), configSchema);
  const map = await readJson(join(folder, 'special_tokens_map.json'), tokensMapSchema);
  const generation = await readJson(join(folder, 'generation_config.json'), generationSchema);
  const templateFile = await readText(join(folder, 'chat_template.jinja'));
  const eos = generation?.eos_token_id ?? [];
  return {
    folder,
    tokenizerFile,
    namedTokens: mergeTokens(map ?? {}, config ?? {}),
    addBosToken: config?.add_bos_token ?? undefined,
    addEosToken: config?.add_eos_token ?? undefined,
    chatTemplates: mergeTemplates(config?.chat_template ?? undefined, templateFile),
    generationEosIds: typeof eos === 'number' ? [eos] : eos,
  };
}

function mergeTokens(...sources: readonly Readonly<Record<string, unknown>>[]): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const source of sources) {
    for (const name of Object.keys(namedTokens)) {
      const token = source[name];
      if (typeof token === 'string') merged[name] = token;
    }
  }
  return merged;
}

function mergeTemplates(inConfig: z.infer<typeof templateSchema> | undefined, file: string | undefined): Record<string, string> {
  const templates: Record<string, string> = {};
  if (typeof inConfig === 'string') templates['default'] = inConfig;
  else for (const { name, template } of inConfig ?? []) templates[name] = template;
  if (file !== undefined) templates['default'] = file; // the newer place wins, as in transformers
  return templates;
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    const info = await stat(file);
    // To open a named pipe would wait for ever.
    if (!info.isFile()) throw fileError(file, 'this is not a regular file');
    return info.size;
  } catch (error) {
    if (error instanceof AppError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError(file, 'it cannot be read', undefined, error);
  }
}

async function readText(file: string): Promise<string | undefined> {
  const size = await sizeOf(file);
  if (size === undefined) return undefined;
  if (size > MAX_CONFIG_BYTES) throw fileError(file, `it has ${size} bytes, more than ${MAX_CONFIG_BYTES}`);
  return readFile(file, 'utf8');
}

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readText(file);
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw fileError(file, 'it is not valid JSON', undefined, error);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw fileError(file, z.prettifyError(parsed.error).replaceAll('\n', ' '));
  return parsed.data;
}

export function fileError(file: string, reason: string, remedy?: string, cause?: unknown): AppError {
  return new AppError(
    {
      code: 'TOKENIZER-FILE',
      message: `The tokenizer file ${file} cannot be used: ${reason}.`,
      data: { file },
      remedy: remedy ?? 'Download the model again, or choose another one.',
    },
    cause,
  );
}
