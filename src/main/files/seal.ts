import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { openOwnFile } from './open-file.ts';

/** What a file of ours was when it had been written. */
export interface FileSeal {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

const CHUNK = 1024 * 1024;

/** The seal that a file would get now. No link is followed. @throws AppError NOT-OURS, and the system's own errors */
export async function sealOfFile(path: string, signal?: AbortSignal): Promise<FileSeal> {
  const handle = await openOwnFile(path);
  try {
    return await sealOfHandle(handle, signal);
  } finally {
    await handle.close();
  }
}

/** The same of a file that is open; its position does not matter and stays. */
export async function sealOfHandle(handle: FileHandle, signal?: AbortSignal): Promise<FileSeal> {
  const hash = createHash('sha256');
  const { size } = await handle.stat();
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(1, size)));
  let bytes = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, bytes);
    if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
    hash.update(buffer.subarray(0, bytesRead));
    bytes += bytesRead;
  }
}
