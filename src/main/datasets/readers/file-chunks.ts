import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { AppError } from '../../../shared/lib/app-error.ts';

const chunkBytes = 4 * 1024 * 1024;

export interface ChunkOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each chunk with the bytes read so far and the size of the file. */
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
}

/**
 * The bytes of a regular file in order, without a UTF-8 byte order mark. The same buffer is reused: a consumer
 * copies what it keeps beyond one chunk.
 *
 * Throws `AppError` `E-FILE-MISSING`, `E-FILE-KIND` (a directory or device), `E-FILE-READ`, `E-FILE-ENCODING`
 * (UTF-16 or UTF-32) or `E-CANCELLED`.
 */
export async function* readChunks(file: string, options: ChunkOptions = {}): AsyncGenerator<Buffer, void, undefined> {
  const { signal, onBytes } = options;
  const { handle, size } = await openRegularFile(file);
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    let done = 0;
    for (;;) {
      if (signal?.aborted) throw cancelled(file);
      const { bytesRead } = await handle.read(buffer, 0, chunkBytes, null).catch((cause: unknown) => {
        throw readFailure(file, cause);
      });
      if (bytesRead === 0) return;
      const chunk = buffer.subarray(done === 0 ? markLength(file, buffer, bytesRead) : 0, bytesRead);
      done += bytesRead;
      yield chunk;
      onBytes?.(done, size);
    }
  } finally {
    await handle.close();
  }
}

async function openRegularFile(file: string) {
  // O_NONBLOCK: opening a FIFO nobody writes to would otherwise wait for ever.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause: unknown) => {
    throw readFailure(file, cause);
  });
  const stats = await handle.stat();
  if (stats.isFile()) return { handle, size: stats.size };
  await handle.close();
  throw new AppError({
    code: 'E-FILE-KIND',
    message: `${file} is ${stats.isDirectory() ? 'a folder' : 'not a regular file'}.`,
    data: { file },
    remedy: 'Choose one .jsonl, .json, .csv or .tsv file.',
  });
}

function markLength(file: string, buffer: Buffer, length: number): number {
  if (length >= 3 && buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) return 3;
  const wide = length >= 2 && ((buffer[0] === 0xff && buffer[1] === 0xfe) || (buffer[0] === 0xfe && buffer[1] === 0xff));
  if (wide) throw encodingFailure(file, 'it begins with a UTF-16 byte order mark');
  return 0;
}

export function encodingFailure(file: string, why: string): AppError {
  return new AppError({
    code: 'E-FILE-ENCODING',
    message: `${file} is not UTF-8 text: ${why}.`,
    data: { file },
    remedy: 'Save the file as UTF-8 and import it again.',
  });
}

function cancelled(file: string): AppError {
  return new AppError({ code: 'E-CANCELLED', message: `The import of ${file} was cancelled.`, data: { file } });
}

function readFailure(file: string, cause: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new AppError(
      { code: 'E-FILE-MISSING', message: `There is no file ${file}.`, data: { file }, remedy: 'Check the path.' },
      cause,
    );
  }
  const why = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : String(cause);
  const remedy = 'Check that the file is readable and its disk attached.';
  return new AppError({ code: 'E-FILE-READ', message: `${file} cannot be read: ${why}.`, data: { file }, remedy }, cause);
}
