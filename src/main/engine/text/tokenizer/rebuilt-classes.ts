/** The tokenizer classes of transformers 5.18 that build their own pipeline, as parts of a tokenizer.json. */
import type { Json } from './tokenizer-json.ts';

/** Keys of tokenizer_config.json that decide parts of a pipeline. */
export interface PipelineSettings {
  readonly addPrefixSpace: boolean | undefined;
  readonly legacy: boolean;
  readonly unkToken: string | null;
}

export interface Pipeline {
  /** Options of the BPE model; those not named take the library's defaults. */
  readonly model: Readonly<Record<string, Json>>;
  readonly normalizer: Json;
  readonly preTokenizer: Json;
  readonly decoder: Json;
}

export interface RebuiltClass {
  /** What the pieces of its vocabulary are: bytes (GPT-2's alphabet) or text with U+2581 for spaces (SentencePiece). */
  readonly pieces: 'bytes' | 'text';
  /** Named tokens where tokenizer_config.json has no such key (a null there means none). */
  readonly namedTokens: Readonly<Record<string, string>>;
  /** Where it differs from "tokenizer.json's own": nothing around the text, or the BOS before it. */
  readonly postProcessor?: 'none' | 'bos';
  /** Adds every named and extra token once more as a plain special token. */
  readonly marksTokensAgain?: true;
  /** Whether it reads vocab.json and merges.txt where there is no tokenizer.json. */
  readonly readsVocabAndMerges: boolean;
  pipeline(settings: PipelineSettings): Pipeline;
}

const END_OF_TEXT = '<|endoftext|>';
const LLAMA_TOKENS = { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>' };
const GPT2_TOKENS = { bos_token: END_OF_TEXT, eos_token: END_OF_TEXT, unk_token: END_OF_TEXT };
const byteDecoder = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };
const affixes = { continuing_subword_prefix: '', end_of_word_suffix: '' };

function byteLevel(addPrefixSpace: boolean, useRegex: boolean): Json {
  return { type: 'ByteLevel', add_prefix_space: addPrefixSpace, trim_offsets: true, use_regex: useRegex };
}

function gpt2(normalizer: Json, extra: Partial<RebuiltClass> = {}): RebuiltClass {
  return {
    pieces: 'bytes',
    namedTokens: GPT2_TOKENS,
    readsVocabAndMerges: true,
    pipeline: ({ addPrefixSpace = false }) => ({ model: affixes, normalizer, preTokenizer: byteLevel(addPrefixSpace, true), decoder: byteDecoder }),
    ...extra,
  };
}

function qwen(splitter: string): RebuiltClass {
  return {
    pieces: 'bytes',
    namedTokens: { eos_token: END_OF_TEXT, unk_token: END_OF_TEXT, pad_token: END_OF_TEXT },
    marksTokensAgain: true,
    readsVocabAndMerges: true,
    pipeline: ({ addPrefixSpace = false }) => ({
      model: affixes,
      normalizer: { type: 'NFC' },
      preTokenizer: {
        type: 'Sequence',
        pretokenizers: [{ type: 'Split', pattern: { Regex: splitter }, behavior: 'Isolated', invert: false }, byteLevel(addPrefixSpace, false)],
      },
      decoder: byteDecoder,
    }),
  };
}

type Scheme = 'first' | 'always' | 'never';

/** SentencePiece's spaces as a splitter; the old normaliser (prepend, replace) also put one after every special token. */
function metaspace(scheme: Scheme, stripsFirst: boolean, model: Pipeline['model']): Pipeline {
  const decoders: Json[] = [{ type: 'Replace', pattern: { String: '\u2581' }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' }];
  if (stripsFirst) decoders.push({ type: 'Strip', content: ' ', start: 1, stop: 0 });
  return {
    model: { fuse_unk: true, byte_fallback: true, ...model },
    normalizer: null,
    preTokenizer: { type: 'Metaspace', replacement: '\u2581', prepend_scheme: scheme, split: false },
    decoder: { type: 'Sequence', decoders },
  };
}

function llamaScheme({ addPrefixSpace = true, legacy }: PipelineSettings): Scheme {
  if (!addPrefixSpace) return 'never';
  return legacy ? 'always' : 'first';
}

const WORDS = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)`;
const REST = String.raw`\s*[\r\n]+|\s+(?!\S)|\s+`;

export const REBUILT_CLASSES: ReadonlyMap<string, RebuiltClass> = new Map<string, RebuiltClass>([
  [
    'LlamaTokenizer',
    {
      pieces: 'text',
      namedTokens: LLAMA_TOKENS,
      readsVocabAndMerges: false,
      pipeline: (settings) => metaspace(llamaScheme(settings), settings.addPrefixSpace !== false, {}),
    },
  ],
  [
    'CodeLlamaTokenizer',
    {
      pieces: 'text',
      namedTokens: {
        ...LLAMA_TOKENS,
        prefix_token: '\u2581<PRE>',
        middle_token: '\u2581<MID>',
        suffix_token: '\u2581<SUF>',
        eot_token: '\u2581<EOT>',
        fill_token: '<FILL_ME>',
      },
      postProcessor: 'bos',
      readsVocabAndMerges: false,
      pipeline: ({ addPrefixSpace = true, unkToken }) => metaspace(addPrefixSpace ? 'first' : 'never', true, { unk_token: unkToken }),
    },
  ],
  ['GPT2Tokenizer', gpt2(null)],
  ['CodeGenTokenizer', gpt2(null)],
  ['GPTNeoXTokenizer', gpt2({ type: 'NFC' }, { namedTokens: { ...GPT2_TOKENS, pad_token: '<|padding|>' }, postProcessor: 'none' })],
  ['Qwen2Tokenizer', qwen(String.raw`${WORDS}|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|${REST}`)],
  ['Qwen3_5Tokenizer', qwen(String.raw`${WORDS}|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|${REST}`)],
]);
