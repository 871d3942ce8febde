import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import { isLfsPointer, LFS_REMEDY, LFS_WORDS } from '../../../shared/lib/lfs-pointer.ts';
import { errnoOf } from '../../../shared/lib/write-error.ts';

/** Far above any real config.json or index; a larger file is a mistake or an attack. */
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads a JSON file of bounded size.
 * @throws AppError JSON-MISSING, JSON-READ, JSON-PARSE naming the file
 */
export async function readJsonFile(path: string, maxBytes = DEFAULT_MAX_BYTES): Promise<unknown> {
  const text = await readBounded(path, maxBytes);
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text) as unknown;
  } catch (error) {
    if (isLfsPointer(text)) throw jsonError('LFS-POINTER', path, LFS_WORDS, error, LFS_REMEDY);
    const reason = error instanceof Error ? error.message : String(error);
    throw jsonError('JSON-PARSE', path, `this is not valid JSON (${reason})`, error);
  }
}

/** Like `readJsonFile`, but a file that is not there gives undefined. */
export async function readJsonFileIfPresent(path: string, maxBytes?: number): Promise<unknown> {
  try {
    return await readJsonFile(path, maxBytes);
  } catch (error) {
    if (error instanceof AppError && error.code === 'JSON-MISSING') return undefined;
    throw error;
  }
}

async function readBounded(path: string, maxBytes: number): Promise<string> {
  try {
    const info = await stat(path);
    if (!info.isFile()) throw jsonError('JSON-READ', path, 'this is not a regular file');
    if (info.size > maxBytes) throw jsonError('JSON-READ', path, `${info.size} bytes are more than the ${maxBytes} allowed`);
    const handle = await open(path, 'r');
    try {
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (errnoOf(error) === 'ENOENT')
      throw jsonError('JSON-MISSING', path, 'there is no such file', error, `Choose the folder that holds ${basename(path)}.`);
    throw jsonError('JSON-READ', path, error instanceof Error ? error.message : String(error), error);
  }
}

function jsonError(code: string, path: string, what: string, cause?: unknown, remedy?: string): AppError {
  return new AppError({ code, message: `${path}: ${what}.`, data: { file: path }, ...(remedy === undefined ? {} : { remedy }) }, cause);
}
