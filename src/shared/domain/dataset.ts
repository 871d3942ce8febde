import { z } from 'zod';
import type { Finding } from './finding.ts';

const turnSchema = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.null(), z.array(z.looseObject({ type: z.string() }))]),
});
export type Message = z.infer<typeof turnSchema>;

/**
 * One turn of a conversation. Roles are free text: the chat template decides which it accepts. Checked, not rebuilt: an object
 * schema would put role and content before the other keys, and a template that prints whole messages prints the file's order.
 */
export const messageSchema = z.custom<Message>().superRefine((value, context) => {
  for (const { path, message } of turnSchema.safeParse(value).error?.issues ?? []) context.addIssue({ code: 'custom', path: [...path], message });
});

const chatExtras = {
  tools: z.array(z.unknown()).optional(),
  chat_template_kwargs: z.record(z.string(), z.unknown()).optional(),
};

/**
 * What every dataset format becomes before it reaches the engine (spec section 1). `source` is the
 * 1-based line (JSONL), record (CSV) or element (JSON) of the user's file, kept so that a message can name it.
 */
export const canonicalRowSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), source: z.int(), text: z.string() }),
  z.object({ kind: z.literal('messages'), source: z.int(), messages: z.array(messageSchema), ...chatExtras }),
  z.object({ kind: z.literal('prompt-completion'), source: z.int(), prompt: z.string(), completion: z.string() }),
  z.object({
    kind: z.literal('chat-prompt-completion'),
    source: z.int(),
    prompt: z.array(messageSchema),
    completion: z.array(messageSchema),
    /** The same row without turns, for a model that has no chat template; absent where the file itself held turns. */
    plain: z.object({ prompt: z.string(), completion: z.string() }).optional(),
    ...chatExtras,
  }),
]);
export type CanonicalRow = z.infer<typeof canonicalRowSchema>;

/** The formats a file can be read as (spec section 1.5, in order of detection). */
export const datasetFormatSchema = z.enum([
  'messages',
  'conversations',
  'prompt-completion',
  'instruction-output',
  'instruct-label',
  'question-answer',
  'text',
]);
export type DatasetFormat = z.infer<typeof datasetFormatSchema>;

/**
 * How pairs of a question and its answer (question/answer, instruction/output, instruct/label) are written. `chat`: the turns of
 * a chat, and plain text where the model has no chat template. `plain`: prompt and completion as they stand. `headings`: as the
 * tutorials write them (the Alpaca template, `### 指令:`). Rows of prompt + completion are not touched by it.
 */
export const pairStyleSchema = z.enum(['chat', 'plain', 'headings']);
export type PairStyle = z.infer<typeof pairStyleSchema>;

/** Character encodings of dataset files, as `TextDecoder` names them. */
export const encodingSchema = z.enum(['utf-8', 'utf-16le', 'utf-16be', 'gb18030', 'big5', 'windows-1252', 'shift_jis', 'euc-kr']);
export type Encoding = z.infer<typeof encodingSchema>;

/** The formats that `PairStyle` is about. */
export const PAIR_FORMATS: readonly DatasetFormat[] = ['instruction-output', 'instruct-label', 'question-answer'];

/** A row that could not be used, and why, in words for a person. */
export const badRowSchema = z.object({
  source: z.int(),
  reason: z.string(),
  /** The row as it stands in the file (the cells of a CSV as JSON), to be shown, mended and taken in after all; older imports have none. */
  text: z.string().optional(),
  /** The text is only the beginning: too long to be kept. */
  cut: z.boolean().optional(),
});
export type BadRow = Readonly<z.infer<typeof badRowSchema>>;

/** Result of an import: where the canonical rows lie (JSONL of `CanonicalRow`) and what was refused. */
export interface ImportedDataset {
  readonly file: string;
  readonly format: DatasetFormat;
  readonly rows: number;
  readonly badRows: number;
  /** The first bad rows (bounded); the full list is in `badRowsFile`. */
  readonly badRowSamples: readonly BadRow[];
  readonly badRowsFile: string | null;
  /** What the import found, with its rows. */
  readonly findings: readonly Finding[];
  /** sha256 of the canonical file: the dataset version. */
  readonly contentHash: string;
}
