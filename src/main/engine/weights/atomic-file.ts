import { randomBytes } from 'node:crypto';
import { promises as nodeFs } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeError } from '../../../shared/lib/write-error.ts';

/** The calls that saving needs; tests pass one whose disk is full. */
export interface FileSystem {
  open(path: string, flags: string): Promise<WritableHandle>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  mkdir(path: string, options: { readonly recursive: true }): Promise<unknown>;
}

export interface WritableHandle {
  write(bytes: Uint8Array): Promise<{ readonly bytesWritten: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Appends bytes to the file being written; resolves when the system has taken all of them. */
export type ByteSink = (bytes: Uint8Array) => Promise<void>;

/** One write call moves at most this much: Node refuses more than 2 GiB, and the page cache likes less. */
const WRITE_CHUNK = 64 * 1024 * 1024;

/**
 * Writes `path` through a temporary file beside it: written, fsynced, renamed. A crash or an error at any point leaves
 * the file that was there before, or the whole new one.
 * @throws AppError DISK-FULL, FILE-DENIED or FILE-WRITE naming `path`.
 */
export async function writeFileAtomically(
  path: string,
  produce: (write: ByteSink) => Promise<void>,
  fs: FileSystem = nodeFs,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await writeAndSync(temporary, produce, fs);
    await fs.rename(temporary, path);
  } catch (error) {
    await fs.unlink(temporary).catch(() => {
      // Not there (open failed) or not removable: the first error is the one to report.
    });
    throw writeError(path, error);
  }
  await syncFolder(dirname(path));
}

/** Writes a file in place and fsyncs it; for folders that become visible by a rename of their own. */
export async function writeFileSynced(
  path: string,
  produce: (write: ByteSink) => Promise<void>,
  fs: FileSystem = nodeFs,
): Promise<void> {
  try {
    await writeAndSync(path, produce, fs);
  } catch (error) {
    throw writeError(path, error);
  }
}

/** Makes renames in `folder` durable. Windows cannot open folders and needs no such call. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await nodeFs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAndSync(path: string, produce: (write: ByteSink) => Promise<void>, fs: FileSystem): Promise<void> {
  const handle = await fs.open(path, 'wx');
  try {
    await produce((bytes) => writeAll(handle, bytes));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: WritableHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes.subarray(done, done + WRITE_CHUNK));
    done += bytesWritten;
  }
}
