import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { messageSchema } from '../../../shared/domain/dataset.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { parseExact } from '../../../shared/lib/exact-json.ts';
import type { Prompt } from './answering.ts';

const MAX_PROMPT_BYTES = 16 * 1024 * 1024;
const conversationSchema = z.union([
  z.array(messageSchema).min(1),
  z.object({ messages: z.array(messageSchema).min(1) }).transform(({ messages }) => messages),
]);
const promptSchema = z.union([
  z
    .string()
    .min(1)
    .transform((text): Prompt => ({ kind: 'question', text })),
  z.object({ prompt: z.string().min(1) }).transform(({ prompt }): Prompt => ({ kind: 'question', text: prompt })),
  conversationSchema.transform((messages): Prompt => ({ kind: 'messages', messages })),
]);

/** A conversation: a JSON list of messages, or an object with `messages`. @throws AppError PROMPT-FILE */
export async function readConversation(file: string): Promise<Prompt> {
  return { kind: 'messages', messages: parse(await readText(file), conversationSchema, file, 'a list of messages, each with "role" and "content"') };
}

const promptListSchema = z.union([
  z.array(promptSchema).min(1),
  z.object({ prompts: z.array(promptSchema).min(1) }).transform(({ prompts }) => prompts),
]);
const PROMPTS_EXPECTED = 'a JSON list of prompts (texts, {"prompt": ...} or conversations), the same as JSON lines, or one text a line';

/** Prompts: a JSON list of texts, `{"prompt": ...}` and conversations, the same as JSONL, or one text a line. @throws AppError PROMPT-FILE */
export async function readPrompts(file: string): Promise<readonly Prompt[]> {
  const text = await readText(file);
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (!/^\s*[[{]/.test(text) && lines.length > 0) return lines.map((line) => ({ kind: 'question', text: line }));
  if (lines.length > 1 && lines.every((line) => isJson(line))) return parse(`[${lines.join(',')}]`, promptListSchema, file, PROMPTS_EXPECTED);
  return parse(text, promptListSchema, file, PROMPTS_EXPECTED);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // The answer, not a failure.
    return false;
  }
}

function parse<T>(text: string, schema: z.ZodType<T>, file: string, expected: string): T {
  let json: unknown;
  try {
    json = parseExact(text);
  } catch (error) {
    throw promptFile(file, `it is not valid JSON: ${(error as Error).message}`, expected, error);
  }
  const result = schema.safeParse(json);
  if (!result.success) throw promptFile(file, 'it has another form', expected, result.error);
  return result.data;
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_PROMPT_BYTES) throw new Error(`it has ${size} bytes, more than ${MAX_PROMPT_BYTES}`);
    return await readFile(file, 'utf8');
  } catch (error) {
    throw promptFile(file, (error as Error).message, 'a JSON or text file', error);
  }
}

function promptFile(file: string, why: string, expected: string, cause: unknown): AppError {
  return new AppError(
    { code: 'PROMPT-FILE', message: `${file} cannot be used as prompts: ${why}.`, data: { file }, remedy: `Give ${expected}.` },
    cause,
  );
}
