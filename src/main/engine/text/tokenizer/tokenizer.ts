/**
 * A model's tokenizer: text to ids and back, its special tokens and its chat templates. Wraps the native `tokenizers`
 * package and adds what transformers does around it (classes that build their own pipeline, pad falling back to eos).
 */
import { join } from 'node:path';
import type { Encoding, Tokenizer as NativeTokenizer } from 'tokenizers';
import { TEMPLATE_NAMES } from '../../../../shared/domain/chat-templates.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { createChatTemplate, type ChatTemplate } from '../chat-template/chat-template.ts';
import { fileError } from './bounded-files.ts';
import { textError } from './library-error.ts';
import { loadNative, type LoadedTokenizer } from './native-tokenizer.ts';
import { readTokenizerFiles, type TokenizerFiles } from './tokenizer-files.ts';

export interface SpecialToken {
  readonly id: number;
  readonly text: string;
}

/** Ids with where each came from. */
export interface TokenizedText {
  readonly ids: Int32Array;
  /** [start, end) of token t in the text at 2t, 2t+1, in UTF-16 units. */
  readonly offsets: Int32Array;
}

export interface EncodeOptions {
  /** Lets the tokenizer add what its post-processor adds (a BOS, say). False for rendered chats. */
  readonly addSpecialTokens: boolean;
}

/** Times as long as every usual tokenizer may make a text, which needs no bound; and characters that one may come to beyond. */
const FREE_GROWTH = 6;
const MAX_GROWN = 67_108_864;

/** @throws AppError TOKENIZER-FILE naming the file that is missing or broken. */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const files = await readTokenizerFiles(folder);
  return new Tokenizer(await loadNative(files), files);
}

export class Tokenizer {
  readonly folder: string;
  readonly bos: SpecialToken | undefined;
  readonly eos: SpecialToken | undefined;
  /** The pad token, or eos where the model names none (as TRL does). */
  readonly pad: SpecialToken | undefined;
  readonly unk: SpecialToken | undefined;
  /** Ids at which generation stops: generation_config.json's, else eos. */
  readonly stopIds: readonly number[];
  /** Number of tokens, added ones included. */
  readonly vocabSize: number;
  /** Named special tokens as a chat template sees them. */
  readonly namedTokens: Readonly<Record<string, string>>;
  readonly chatTemplateSources: Readonly<Record<string, string>>;
  /** sha256 of all that decides its ids: pipeline, vocabulary and added tokens. */
  readonly digest: string;
  private readonly native: NativeTokenizer;
  private readonly growth: number;
  private readonly templates = new Map<string, ChatTemplate>();
  private readonly specials = new Map<number, boolean>();

  constructor({ native, digest, namedTokens, growth }: LoadedTokenizer, files: TokenizerFiles) {
    this.native = native;
    this.growth = growth;
    this.folder = files.folder;
    this.digest = digest;
    this.namedTokens = namedTokens;
    this.bos = this.special(namedTokens['bos_token']);
    this.eos = this.special(namedTokens['eos_token']);
    this.unk = this.special(namedTokens['unk_token']);
    this.pad = this.special(namedTokens['pad_token']) ?? this.eos;
    this.stopIds = files.generationEosIds.length > 0 || this.eos === undefined ? files.generationEosIds : [this.eos.id];
    this.vocabSize = native.getVocabSize(true);
    this.chatTemplateSources = files.chatTemplates;
  }

  private special(text: string | undefined): SpecialToken | undefined {
    const id = text === undefined ? null : this.native.tokenToId(text);
    return id === null || text === undefined ? undefined : { id, text };
  }

  /** Ids of each text, in order. Batches of some hundred texts use every core. */
  async encodeBatch(texts: readonly string[], options: EncodeOptions): Promise<Int32Array[]> {
    if (texts.length === 0) return [];
    const encodings = await this.encoded(texts, options);
    return encodings.map((encoding) => Int32Array.from(encoding.getIds()));
  }

  private async encoded(texts: readonly string[], { addSpecialTokens }: EncodeOptions): Promise<Encoding[]> {
    const longest = texts.reduce((most, text) => Math.max(most, text.length), 0);
    if (this.growth > FREE_GROWTH && longest * this.growth > MAX_GROWN) throw this.grown(longest);
    return this.asked(this.native.encodeBatch([...texts], { addSpecialTokens }));
  }

  private grown(longest: number): AppError {
    return fileError(
      join(this.folder, 'tokenizer.json'),
      `its steps may make a text ${Math.round(this.growth)} times as long, which is too much for one of ${longest} characters`,
      'Cut the longest rows of the data into shorter ones, or choose another model.',
    );
  }

  private async asked<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw textError(this.folder, error);
    }
  }

  async encode(text: string, options: EncodeOptions): Promise<Int32Array> {
    const [ids] = await this.encodeBatch([text], options);
    return ids as Int32Array;
  }

  async encodeBatchWithOffsets(texts: readonly string[], options: EncodeOptions): Promise<TokenizedText[]> {
    if (texts.length === 0) return [];
    const encodings = await this.encoded(texts, options);
    return encodings.map((encoding, i) => ({ ids: Int32Array.from(encoding.getIds()), offsets: utf16Offsets(encoding, texts[i] as string) }));
  }

  async decode(ids: ArrayLike<number>, options: { readonly skipSpecialTokens: boolean }): Promise<string> {
    return this.asked(this.native.decode(Array.from(ids), options.skipSpecialTokens));
  }

  async decodeBatch(lists: readonly (readonly number[])[], options: { readonly skipSpecialTokens: boolean }): Promise<string[]> {
    return this.asked(
      this.native.decodeBatch(
        lists.map((ids) => [...ids]),
        options.skipSpecialTokens,
      ),
    );
  }

  /** Whether a token is one of the tokenizer's own marks, which decoding can leave out. */
  async isSpecial(id: number): Promise<boolean> {
    const known = this.specials.get(id);
    if (known !== undefined) return known;
    const [shown, hidden] = await this.asked(Promise.all([this.native.decode([id], false), this.native.decode([id], true)]));
    this.specials.set(id, shown !== hidden);
    return shown !== hidden;
  }

  /** The token's own text in the vocabulary (byte-level pieces stay encoded), or undefined. */
  tokenText(id: number): string | undefined {
    return this.native.idToToken(id) ?? undefined;
  }

  tokenId(text: string): number | undefined {
    return this.native.tokenToId(text) ?? undefined;
  }

  get hasChatTemplate(): boolean {
    return Object.keys(this.chatTemplateSources).length > 0;
  }

  /**
   * The template for a conversation: `tool_use` when there are tools and such a template, else `default`, else the only one.
   * @throws AppError E-TEMPLATE if the model has none or it cannot be parsed.
   */
  chatTemplate(options: { readonly tools: boolean } = { tools: false }): ChatTemplate {
    const names = Object.keys(this.chatTemplateSources);
    const sources = this.chatTemplateSources;
    const name = options.tools && 'tool_use' in sources ? 'tool_use' : 'default' in sources ? 'default' : names.length === 1 ? names[0] : undefined;
    if (name === undefined) {
      throw new AppError({
        code: 'E-TEMPLATE',
        message: `The tokenizer in ${this.folder} has no chat template${names.length > 0 ? ` named "default" (it has ${names.join(', ')})` : ''}, so conversations cannot be rendered.`,
        data: { folder: this.folder, names },
        remedy: `Choose a chat template (chat_template): ${TEMPLATE_NAMES.join(', ')}; or train on text or prompt-completion data.`,
      });
    }
    const known = this.templates.get(name);
    if (known !== undefined) return known;
    const made = createChatTemplate(sources[name] as string, { origin: this.folder, specialTokens: this.namedTokens });
    this.templates.set(name, made);
    return made;
  }
}

// The package counts code points; strings here count UTF-16 units. They agree up to the first astral character.
function utf16Offsets(encoding: Encoding, text: string): Int32Array {
  const flat = Int32Array.from(encoding.getOffsets().flat());
  if (!/[\u{10000}-\u{10ffff}]/u.test(text)) return flat;
  const units: number[] = [];
  let unit = 0;
  for (const character of text) {
    units.push(unit);
    unit += character.length;
  }
  units.push(unit);
  return flat.map((codePoint) => units[codePoint] ?? unit);
}
