import { createHash } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, copyFile, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeError } from '../../shared/lib/write-error.ts';
import { FILE_MODE, type FileSystem, NODE_FILES, type WritableHandle } from './file-system.ts';
import { temporaryBeside } from './open-file.ts';
import type { FileSeal } from './seal.ts';

/** Appends bytes to the file being written; resolves when the system has taken all of them. */
export type ByteSink = (bytes: Uint8Array) => Promise<void>;

/** One write call moves at most this much: Node refuses more than 2 GiB, and the page cache likes less. */
const WRITE_CHUNK = 64 * 1024 * 1024;

/**
 * Writes `path` through a temporary file beside it: written, fsynced, renamed. A crash or an error at any point leaves
 * the file that was there before, or the whole new one. A link of that name is replaced, and what it leads to stays.
 * @returns what was written, hashed on the way to the disk: reading it back would show what the disk made of it
 * @throws AppError DISK-FULL, FILE-DENIED or FILE-WRITE naming `path`.
 */
export async function writeFileAtomically(path: string, produce: (write: ByteSink) => Promise<void>, fs: FileSystem = NODE_FILES): Promise<FileSeal> {
  const temporary = temporaryBeside(path);
  let seal: FileSeal;
  try {
    seal = await writeAndSync(temporary, produce, fs);
    await fs.rename(temporary, path);
  } catch (error) {
    await fs.unlink(temporary).catch(() => {
      // Not there (open failed) or not removable: the first error is the one to report.
    });
    throw writeError(path, error);
  }
  await syncFolder(dirname(path));
  return seal;
}

/** Writes a file in place and fsyncs it; for folders that become visible by a rename of their own. */
export async function writeFileSynced(path: string, produce: (write: ByteSink) => Promise<void>, fs: FileSystem = NODE_FILES): Promise<FileSeal> {
  try {
    return await writeAndSync(path, produce, fs);
  } catch (error) {
    throw writeError(path, error);
  }
}

/** A small text at once, for callers that cannot wait: as `writeFileAtomically`, but the errors are the system's own. */
export function writeTextSync(path: string, text: string): void {
  const temporary = temporaryBeside(path);
  try {
    const handle = openSync(temporary, 'wx', FILE_MODE);
    try {
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A copy that appears whole or not at all. The system may share the bytes of both until one changes. */
export async function copyFileAtomically(from: string, to: string): Promise<void> {
  const temporary = temporaryBeside(to);
  try {
    await copyFile(from, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await chmod(temporary, FILE_MODE);
    await rename(temporary, to);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(to, error);
  }
}

/** Makes renames in `folder` durable. Windows cannot open folders and needs no such call. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAndSync(path: string, produce: (write: ByteSink) => Promise<void>, fs: FileSystem): Promise<FileSeal> {
  const handle = await fs.open(path, 'wx', FILE_MODE);
  const hash = createHash('sha256');
  let total = 0;
  try {
    await produce(async (bytes) => {
      await writeAll(handle, bytes);
      hash.update(bytes);
      total += bytes.length;
    });
    await handle.sync();
    return { bytes: total, sha256: hash.digest('hex') };
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
