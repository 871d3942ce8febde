/** The native tokenizer of a folder, as transformers 5.18 would load it. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { AddedToken, Tokenizer as NativeTokenizer } from 'tokenizers';
import { z } from 'zod';
import { collectTokens, type CollectedTokens, type TokenSpec } from './added-tokens.ts';
import { fileError, MAX_TOKENIZER_BYTES, parseJson, readJson, readText } from './bounded-files.ts';
import { checkAddedTokens, checkTokenizer, type Refuse } from './check-tokenizer.ts';
import { loadError } from './library-error.ts';
import type { RebuiltClass } from './rebuilt-classes.ts';
import { effectOfClass } from './tokenizer-class.ts';
import type { TokenizerFiles } from './tokenizer-files.ts';
import {
  addedTokensOf,
  around,
  fromVocabAndMerges,
  type Json,
  suits,
  type TokenizerJson,
  tokenizerJsonSchema,
  withPipeline,
} from './tokenizer-json.ts';

export interface LoadedTokenizer {
  readonly native: NativeTokenizer;
  /** sha256 of all that decides its ids: pipeline, vocabulary and added tokens. */
  readonly digest: string;
  readonly namedTokens: Readonly<Record<string, string>>;
  /** By how much it can lengthen a text before it splits it, in bytes. */
  readonly growth: number;
}

interface Checked {
  readonly native: NativeTokenizer;
  readonly growth: number;
}

const vocabSchema = z.record(z.string(), z.int().min(0));

/** @throws AppError TOKENIZER-FILE naming the file that is missing or broken, and what to do about it. */
export async function loadNative(files: TokenizerFiles): Promise<LoadedTokenizer> {
  const file = join(files.folder, 'tokenizer.json');
  const effect = effectOfClass(files);
  if (effect.kind === 'unsupported') throw unsupportedClass(files.folder, effect.name);
  if (files.splitSpecialTokens)
    throw fileError(join(files.folder, 'tokenizer_config.json'), 'split_special_tokens is not supported', 'Set it to false.');
  const text = await readText(file, MAX_TOKENIZER_BYTES);
  if (text === undefined) {
    if (effect.kind !== 'rebuilt' || !effect.rebuilt.readsVocabAndMerges) throw await withoutTokenizerJson(files.folder);
    return rebuild(await readVocabAndMerges(files.folder), effect.rebuilt, files, false);
  }
  const json = parseJson(text, file, tokenizerJsonSchema);
  if (effect.kind === 'rebuilt' && suits(json, effect.rebuilt)) return rebuild(json, effect.rebuilt, files, true);
  const tokens = collectTokens(files.tokens, padDefault(json), addedTokensOf(json), true);
  return withTokens(native(json, file), text, tokens, [], file);
}

function rebuild(json: TokenizerJson, rebuilt: RebuiltClass, files: TokenizerFiles, hasFile: boolean): LoadedTokenizer {
  const tokens = collectTokens(files.tokens, { ...rebuilt.namedTokens, ...padDefault(json) }, addedTokensOf(json), false);
  const pipeline = rebuilt.pipeline({ addPrefixSpace: files.addPrefixSpace, legacy: files.legacy, unkToken: tokens.named['unk_token'] ?? null });
  const again = rebuilt.marksTokensAgain ? tokens.special : [];
  const make = (postProcessor: Json | 'own'): LoadedTokenizer => {
    const built = withPipeline(json, pipeline, postProcessor);
    const file = join(files.folder, hasFile ? 'tokenizer.json' : 'vocab.json');
    return withTokens(native(built, file), JSON.stringify(built), tokens, again, file);
  };
  const bos = hasFile ? rebuilt.postProcessor === 'bos' : files.addBosToken;
  const eos = !hasFile && files.addEosToken;
  if (hasFile && rebuilt.postProcessor === undefined) return make('own');
  if (!bos && !eos) return make(null);
  // What stands around the text is known by its ids, which adding the tokens decides.
  const plain = make(null);
  const named = (isWanted: boolean, text: string | undefined) => {
    const id = isWanted && text !== undefined ? plain.native.tokenToId(text) : null;
    return id === null || text === undefined ? [] : [{ text, id }];
  };
  return make(around(named(bos, tokens.named['bos_token']), named(eos, tokens.named['eos_token'])));
}

function withTokens(
  { native: made, growth }: Checked,
  text: string,
  tokens: CollectedTokens,
  again: readonly string[],
  file: string,
): LoadedTokenizer {
  const toAdd = [...tokens.toAdd, ...again.map((content): TokenSpec => ({ content, special: true }))];
  checkAddedTokens(toAdd, refusing(file));
  made.disableTruncation();
  made.disablePadding();
  if (toAdd.length > 0) made.addAddedTokens(toAdd.map(toNative));
  const digest = createHash('sha256').update(text).update(JSON.stringify(toAdd)).digest('hex');
  return { native: made, digest, namedTokens: tokens.named, growth };
}

function toNative({ content, special, lstrip, rstrip, singleWord, normalized }: TokenSpec): AddedToken {
  return new AddedToken(content, special, {
    ...(lstrip === undefined ? {} : { leftStrip: lstrip }),
    ...(rstrip === undefined ? {} : { rightStrip: rstrip }),
    ...(singleWord === undefined ? {} : { singleWord }),
    ...(normalized === undefined ? {} : { normalized }),
  });
}

/** A pad token that tokenizer.json's padding names counts where no file says otherwise. */
function padDefault({ padding }: TokenizerJson): Readonly<Record<string, string>> {
  return padding ? { pad_token: padding.pad_token } : {};
}

/** Nothing that was not checked reaches the library, which trusts its files: of a key that is written twice, say, it might take the other. */
function native(json: TokenizerJson, file: string): Checked {
  const growth = checkTokenizer(json, refusing(file));
  try {
    return { native: NativeTokenizer.fromString(JSON.stringify(json)), growth };
  } catch (error) {
    throw loadError(file, error);
  }
}

function refusing(file: string): Refuse {
  return (place, reason) =>
    fileError(file, `${place}: ${reason}`, 'Download the model again from where it comes from, or choose another one.', undefined, { place });
}

async function readVocabAndMerges(folder: string): Promise<TokenizerJson> {
  const vocab = await readJson(join(folder, 'vocab.json'), vocabSchema, MAX_TOKENIZER_BYTES);
  const merges = await readText(join(folder, 'merges.txt'), MAX_TOKENIZER_BYTES);
  if (vocab === undefined || merges === undefined) throw await withoutTokenizerJson(folder);
  return fromVocabAndMerges(vocab, merges);
}

async function withoutTokenizerJson(folder: string): Promise<Error> {
  const others = [];
  for (const name of ['tokenizer.model', 'vocab.json', 'merges.txt', 'tekken.json', 'tiktoken.model']) {
    if ((await readText(join(folder, name), MAX_TOKENIZER_BYTES)) !== undefined) others.push(name);
  }
  const found = others.length === 0 ? '' : `; the folder has ${others.join(' and ')}, an older form`;
  return fileError(join(folder, 'tokenizer.json'), `it does not exist${found}`, remedyFor(folder, others));
}

function remedyFor(folder: string, others: readonly string[]): string {
  if (others.length === 0) return 'Choose a model folder that has a tokenizer.json (a "fast" tokenizer).';
  if (others.includes('vocab.json') && others.includes('merges.txt')) {
    return 'Set tokenizer_class in tokenizer_config.json to the class that the two files were made for, such as "GPT2Tokenizer" or "Qwen2Tokenizer".';
  }
  return `Make one with Python: pip install transformers sentencepiece tiktoken, then python -c "from transformers import AutoTokenizer as A; A.from_pretrained(r'${folder}').save_pretrained(r'${folder}')".`;
}

function unsupportedClass(folder: string, name: string): Error {
  return fileError(
    join(folder, 'tokenizer_config.json'),
    `tokenizer_class "${name}" splits text in its own way, which is not supported`,
    'Choose another model; if its tokenizer.json says all there is to say, set tokenizer_class to "PreTrainedTokenizerFast".',
  );
}
