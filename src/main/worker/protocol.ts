/** @file What a host and its worker process say to each other: one task at a time, so nothing needs a number. */
import { z } from 'zod';

export type ToWorker =
  | { readonly kind: 'run'; readonly task: string; readonly input: unknown }
  /** The last chunk of a stream has been taken: the next may come. */
  | { readonly kind: 'more' };

const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
  remedy: z.string().optional(),
});

/** The worker reads hostile files, so what it says is looked at where it arrives; what a task gives back is the task's affair. */
export const fromWorkerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('progress'), value: z.unknown() }),
  z.object({ kind: z.literal('chunk'), bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array) }),
  z.object({ kind: z.literal('done'), value: z.unknown() }),
  /** `error` is for a person; without it, `bug` is for the log. */
  z.object({ kind: z.literal('failed'), error: errorSchema.nullable(), bug: z.string().optional() }),
]);
export type FromWorker = z.infer<typeof fromWorkerSchema>;
