/**
 * @file The steps a tokenizer.json may name, each with the bounds within which the library does its work; what is not listed here is refused
 * by name. `growth` is by how much a step can lengthen a text, in bytes.
 */
import { z } from 'zod';
import { shortened } from '../../../../shared/lib/shortened.ts';
import { checkCharsmap } from './charsmap.ts';
import { leastMatch, patternFault } from './pattern-bounds.ts';

/** What a step does to the length of a text. */
export type Growth = (step: never) => number;

export interface Part {
  readonly schema: z.ZodType;
  readonly growth?: Growth;
}

const MAX_CONTENT = 1024;
const MAX_PREPENDED = 256;
/** Pieces of a template around a text, and ids of one special token in it. */
const MAX_PIECES = 256;

const flag = z.boolean().optional();
const content = z.string().max(MAX_CONTENT);
const character = z.string().min(1).max(2);
const regex = z.string().superRefine((pattern, context) => {
  const fault = patternFault(pattern);
  if (fault !== null) context.addIssue({ code: 'custom', message: `cannot be used: ${fault}`, input: undefined });
});
const pattern = z.union([z.object({ String: z.string().min(1).max(MAX_CONTENT) }), z.object({ Regex: regex })]);
type Pattern = z.infer<typeof pattern>;
const charsmap = z.string().superRefine((text, context) => {
  const { fault } = checkCharsmap(text);
  if (fault !== null) context.addIssue({ code: 'custom', message: `cannot be used: ${fault}`, input: undefined });
});
const named = z.tuple([z.string().max(MAX_CONTENT), z.int().min(0)]);
const piece = z.union([
  z.object({ SpecialToken: z.object({ id: content, type_id: z.int().min(0).max(255) }) }),
  z.object({ Sequence: z.object({ id: z.enum(['A', 'B']), type_id: z.int().min(0).max(255) }) }),
]);
const special = z.looseObject({ id: content, ids: z.array(z.int().min(0)).max(MAX_PIECES), tokens: z.array(content).max(MAX_PIECES) });

const plain: Part = { schema: z.looseObject({}) };
/** Each byte becomes a character of at most two. */
const byteLevel: Part = { schema: z.looseObject({ add_prefix_space: flag, trim_offsets: flag, use_regex: flag }), growth: () => 2 };
const metaspace: Part = {
  schema: z.looseObject({
    replacement: character,
    prepend_scheme: z.enum(['first', 'never', 'always']).optional(),
    add_prefix_space: flag,
    split: flag,
  }),
  growth: () => 3,
};
const replace: Part = {
  schema: z.looseObject({ pattern, content }),
  growth: (step: { readonly pattern: Pattern; readonly content: string }) => replaced(step.pattern, step.content),
};

function replaced(found: Pattern, put: string): number {
  const size = Buffer.byteLength(put);
  if ('String' in found) return Math.max(1, size / Buffer.byteLength(found.String));
  return leastMatch(found.Regex) === 1 ? Math.max(1, size) : 1 + size;
}

export const NORMALIZERS: Readonly<Record<string, Part>> = {
  // The forms of Unicode lengthen a few rare characters; what they make stays as it is.
  NFC: plain,
  NFD: plain,
  NFKC: plain,
  NFKD: plain,
  Nmt: plain,
  StripAccents: plain,
  Lowercase: plain,
  BertNormalizer: { schema: z.looseObject({ clean_text: flag, handle_chinese_chars: flag, strip_accents: z.boolean().nullish(), lowercase: flag }) },
  Strip: { schema: z.looseObject({ strip_left: flag, strip_right: flag }) },
  Precompiled: {
    schema: z.looseObject({ precompiled_charsmap: charsmap }),
    growth: (step: { readonly precompiled_charsmap: string }) => checkCharsmap(step.precompiled_charsmap).growth,
  },
  Replace: replace,
  Prepend: { schema: z.looseObject({ prepend: z.string().min(1).max(MAX_PREPENDED) }) },
  ByteLevel: byteLevel,
};

export const PRE_TOKENIZERS: Readonly<Record<string, Part>> = {
  BertPreTokenizer: plain,
  Whitespace: plain,
  WhitespaceSplit: plain,
  UnicodeScripts: plain,
  ByteLevel: byteLevel,
  Metaspace: metaspace,
  CharDelimiterSplit: { schema: z.looseObject({ delimiter: character }) },
  Split: {
    schema: z.looseObject({
      pattern,
      behavior: z.enum(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous']),
      invert: flag,
    }),
  },
  Punctuation: plain,
  Digits: { schema: z.looseObject({ individual_digits: flag }) },
  FixedLength: { schema: z.looseObject({ length: z.int().min(1) }) },
};

export const POST_PROCESSORS: Readonly<Record<string, Part>> = {
  BertProcessing: { schema: z.looseObject({ sep: named, cls: named }) },
  RobertaProcessing: { schema: z.looseObject({ sep: named, cls: named, trim_offsets: flag, add_prefix_space: flag }) },
  ByteLevel: { schema: byteLevel.schema },
  TemplateProcessing: {
    schema: z
      .looseObject({
        single: z.array(piece).max(MAX_PIECES),
        pair: z.array(piece).max(MAX_PIECES).optional(),
        special_tokens: z.record(z.string(), special),
      })
      .superRefine(({ single, pair = [], special_tokens: known }, context) => {
        const names = [...single, ...pair].flatMap((each) => ('SpecialToken' in each ? [each.SpecialToken.id] : []));
        const missing = names.find((name) => !Object.hasOwn(known, name));
        if (missing !== undefined)
          context.addIssue({
            code: 'custom',
            message: `lacks "${shortened(missing, 60)}", which its pieces name`,
            path: ['special_tokens'],
            input: undefined,
          });
      }),
  },
};

export const DECODERS: Readonly<Record<string, Part>> = {
  BPEDecoder: { schema: z.looseObject({ suffix: content.optional() }) },
  ByteLevel: { schema: byteLevel.schema },
  WordPiece: { schema: z.looseObject({ prefix: content, cleanup: flag }) },
  Metaspace: metaspace,
  CTC: { schema: z.looseObject({ pad_token: content, word_delimiter_token: content, cleanup: flag }) },
  Replace: replace,
  Fuse: plain,
  ByteFallback: plain,
  // From the end it looks before the beginning of a token that has nothing else.
  Strip: { schema: z.looseObject({ content: character, start: z.int().min(0).max(MAX_CONTENT), stop: z.literal(0) }) },
};
