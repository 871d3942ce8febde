import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Encoding } from '../../../shared/domain/dataset.ts';
import { AppError } from '../../../shared/lib/app-error.ts';

const chunkBytes = 4 * 1024 * 1024;
/** Of a file that says it is empty, or grows. */
const leastBytes = 4096;

export interface ChunkOptions {
  /** What the file is written in; chunks are UTF-8 in any case. */
  readonly encoding?: Encoding | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each chunk with the bytes read so far and the size of the file. */
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
}

/**
 * The bytes of a regular file in order, as UTF-8 without a byte order mark. The same buffer is reused: a consumer
 * copies what it keeps beyond one chunk.
 *
 * Throws `AppError` `E-FILE-MISSING`, `E-FILE-KIND` (a directory or device), `E-FILE-READ`, `E-FILE-ENCODING`
 * (bytes that are not of the encoding given) or `E-CANCELLED`.
 */
export async function* readChunks(file: string, options: ChunkOptions = {}): AsyncGenerator<Buffer, void, undefined> {
  const { encoding } = options;
  if (encoding === undefined || encoding === 'utf-8') yield* fileChunks(file, options);
  else yield* recoded(file, fileChunks(file, options), encoding);
}

/** The bytes as UTF-8, whatever they were. */
async function* recoded(file: string, chunks: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<Buffer, void, undefined> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }), 'utf8');
    yield Buffer.from(decoder.decode(), 'utf8');
  } catch (error) {
    if (error instanceof AppError || !(error instanceof TypeError)) throw error;
    throw encodingFailure(file, `it is not ${encoding} either: some of its bytes are no character of it`);
  }
}

async function* fileChunks(file: string, { signal, onBytes }: ChunkOptions): AsyncGenerator<Buffer, void, undefined> {
  const { handle, size } = await openRegularFile(file);
  try {
    // A file is opened several times on its way in; megabytes for each time are what a small one would cost.
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(leastBytes, size)));
    let done = 0;
    for (;;) {
      if (signal?.aborted) throw cancelled(file);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null).catch((cause: unknown) => {
        throw readFailure(file, cause);
      });
      if (bytesRead === 0) return;
      const chunk = buffer.subarray(done === 0 ? markLength(buffer, bytesRead) : 0, bytesRead);
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

function markLength(buffer: Buffer, length: number): number {
  return length >= 3 && buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0;
}

export function encodingFailure(file: string, why: string): AppError {
  return new AppError({
    code: 'E-FILE-ENCODING',
    message: `${file} is not UTF-8 text: ${why}.`,
    data: { file },
    remedy: 'Save the file as UTF-8 and import it again, or choose its encoding.',
  });
}

function cancelled(file: string): AppError {
  return new AppError({ code: 'E-CANCELLED', message: `The import of ${file} was cancelled.`, data: { file } });
}

function readFailure(file: string, cause: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new AppError({ code: 'E-FILE-MISSING', message: `There is no file ${file}.`, data: { file }, remedy: 'Check the path.' }, cause);
  }
  const why = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : String(cause);
  const remedy = 'Check that the file is readable and its disk attached.';
  return new AppError({ code: 'E-FILE-READ', message: `${file} cannot be read: ${why}.`, data: { file }, remedy }, cause);
}
