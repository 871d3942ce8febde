import { z } from 'zod';

/** Which weights answer: the base model, or an adapter of a run (null: the final one, else the newest checkpoint). */
export const columnSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('base') }),
  z.object({ kind: z.literal('run'), runId: z.string().min(1).max(64), checkpoint: z.int().min(0).nullable() }),
]);
export type Column = z.infer<typeof columnSchema>;

/** Names and meanings as in transformers' GenerationConfig. */
export const samplingSchema = z.object({
  doSample: z.boolean().default(false),
  temperature: z.number().positive().max(100).default(1),
  topK: z.int().min(0).max(1_000_000).default(0),
  topP: z.number().gt(0).max(1).default(1),
  minP: z.number().min(0).lt(1).default(0),
  repetitionPenalty: z.number().positive().max(100).default(1),
});
export type Sampling = z.output<typeof samplingSchema>;

/** One turn of a conversation: what was asked, and what each column answered, in their order. */
export const turnSchema = z.object({ prompt: z.string().min(1).max(200_000), answers: z.array(z.string().max(1_000_000)).min(1).max(8) });

export const generateRequestSchema = z.object({
  modelId: z.string().min(1).max(64),
  columns: z.array(columnSchema).min(1).max(8),
  /** What was said before; each column goes on from its own answers. */
  turns: z.array(turnSchema).max(200).default([]),
  prompt: z.string().min(1).max(200_000),
  /** The system turn, where the model has a chat template. */
  system: z.string().max(200_000).nullable().default(null),
  /** The prompt as it stands, without the chat template: for models tuned on plain text. */
  plain: z.boolean().default(false),
  maxNewTokens: z.int().min(1).max(32_768).default(256),
  seed: z.int().min(0).max(0xffff_ffff).default(42),
  sampling: samplingSchema.prefault({}),
});
export type GenerateRequest = z.output<typeof generateRequestSchema>;

export interface Answer {
  readonly column: Column;
  /** As shown above the column, e.g. `captain · step 100`. */
  readonly title: string;
  readonly text: string;
  readonly tokens: number;
  /** null: stopped by the person. */
  readonly finished: 'stop' | 'length' | null;
}

/** A prompt and its answers, kept. */
export interface Generation {
  readonly id: string;
  readonly createdAt: string;
  readonly modelId: string | null;
  readonly modelName: string;
  readonly request: GenerateRequest;
  readonly answers: readonly Answer[];
  readonly seconds: number;
}

export type GenerateUpdate =
  | { readonly kind: 'progress'; readonly phase: string; readonly done: number; readonly total: number }
  | { readonly kind: 'notice'; readonly message: string }
  /** Text to add to a column, and its tokens so far. */
  | { readonly kind: 'text'; readonly column: number; readonly text: string; readonly tokens: number; readonly finished: 'stop' | 'length' | null }
  | { readonly kind: 'done'; readonly generation: Generation };

/** What is held ready for questions to a set of columns. */
export type Readiness =
  | { readonly kind: 'ready'; /** Of weights and cache. */ readonly bytes: number }
  /** A run is training in this studio: its memory is not taken before a question is asked. */
  | { readonly kind: 'training' };

/** How the rows that a run learned from speak to the model, so that it can be asked in the same way. */
export interface Manner {
  /** No chat template was used. */
  readonly plain: boolean;
  /** The system prompt that all rows looked at share. */
  readonly system: string | null;
  /** Rows looked at. */
  readonly rows: number;
}
