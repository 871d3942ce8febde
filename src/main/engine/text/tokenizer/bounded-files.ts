/** Files of a tokenizer, bounded in size and checked: they may come from a stranger. */
import { readFile, stat } from 'node:fs/promises';
import type { z } from 'zod';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { isLfsPointer, LFS_REMEDY, LFS_WORDS } from '../../../../shared/lib/lfs-pointer.ts';

/** Bytes. The largest published tokenizer.json (Gemma 3) has 33 MB. */
export const MAX_TOKENIZER_BYTES = 134_217_728;
const MAX_CONFIG_BYTES = 16_777_216;

/** The file's text, or undefined where there is none. @throws AppError TOKENIZER-FILE */
export async function readText(file: string, maxBytes = MAX_CONFIG_BYTES): Promise<string | undefined> {
  const size = await sizeOf(file);
  if (size === undefined) return undefined;
  if (size > maxBytes) throw fileError(file, `it has ${size} bytes, more than ${maxBytes}`);
  const text = await readFile(file, 'utf8');
  if (isLfsPointer(text)) throw fileError(file, LFS_WORDS, LFS_REMEDY);
  return text;
}

/** @throws AppError TOKENIZER-FILE */
export async function readJson<T>(file: string, schema: z.ZodType<T>, maxBytes?: number): Promise<T | undefined> {
  const text = await readText(file, maxBytes);
  return text === undefined ? undefined : parseJson(text, file, schema);
}

export function parseJson<T>(text: string, file: string, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw fileError(file, 'it is not valid JSON', undefined, error);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw fileError(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'unreadable'}`);
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

export function fileError(file: string, reason: string, remedy?: string, cause?: unknown, data: Readonly<Record<string, unknown>> = {}): AppError {
  return new AppError(
    {
      code: 'TOKENIZER-FILE',
      message: `The tokenizer file ${file} cannot be used: ${reason}.`,
      data: { file, ...data },
      remedy: remedy ?? 'Download the model again, or choose another one.',
    },
    cause,
  );
}
