import { promises as nodeFs } from 'node:fs';
import type { FileSystem, WritableHandle } from '../../src/main/files/file-system.ts';

/**
 * A file system with room for `budget` more bytes: what goes beyond is written to /dev/full, so the error is the
 * system's own ENOSPC.
 */
export function diskWithRoomFor(budget: number): FileSystem {
  let left = budget;
  return {
    mkdir: (path, options) => nodeFs.mkdir(path, options),
    rename: (from, to) => nodeFs.rename(from, to),
    unlink: (path) => nodeFs.unlink(path),
    open: async (path, flags, mode): Promise<WritableHandle> => {
      const handle = await nodeFs.open(path, flags, mode);
      const write = async (bytes: Uint8Array): Promise<{ bytesWritten: number }> => {
        if (left === 0) return writeToFullDevice(bytes);
        const part = bytes.subarray(0, left);
        left -= part.length;
        return handle.write(part);
      };
      return { write, sync: () => handle.sync(), close: () => handle.close() };
    },
  };
}

async function writeToFullDevice(bytes: Uint8Array): Promise<{ bytesWritten: number }> {
  const full = await nodeFs.open('/dev/full', 'w');
  try {
    return await full.write(bytes);
  } finally {
    await full.close();
  }
}
