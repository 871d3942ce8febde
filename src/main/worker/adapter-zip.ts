import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Zip, ZipPassThrough } from 'fflate';
import { AppError } from '../../shared/lib/app-error.ts';
import { errnoOf } from '../../shared/lib/write-error.ts';

/** What PEFT reads; what else lies in a checkpoint's folder (optimizer state) is for resuming. */
const NEEDED = ['adapter_config.json', 'adapter_model.safetensors'];
const WANTED = [...NEEDED, 'README.md'];
const CHUNK = 1024 * 1024;
/** Sizes in this kind of zip have 32 bits. */
const MAX_BYTES = 0xffff_ffff - CHUNK;

interface AdapterFile {
  readonly name: string;
  readonly handle: FileHandle;
}

/**
 * The PEFT files of a folder as a zip, stored rather than compressed (weights do not shrink), chunk by chunk as it is read.
 * @throws AppError ADAPTER-NONE where a file is missing, ADAPTER-TOO-LARGE; before the first chunk
 */
export async function* zipOfAdapter(folder: string): AsyncGenerator<Uint8Array, void, void> {
  yield* zipped(await openAll(folder));
}

async function openAll(folder: string): Promise<readonly AdapterFile[]> {
  const files: AdapterFile[] = [];
  try {
    let bytes = 0;
    for (const name of WANTED) {
      const handle = await openFile(folder, name);
      if (handle === null) continue;
      files.push({ name, handle });
      bytes += (await handle.stat()).size;
    }
    if (bytes > MAX_BYTES) throw new AppError({ code: 'ADAPTER-TOO-LARGE', message: `The adapter in ${folder} has ${bytes} bytes, too many for a zip.`, data: { folder, bytes }, remedy: 'Copy the folder itself.' });
    return files;
  } catch (error) {
    await Promise.all(files.map(({ handle }) => handle.close()));
    throw error;
  }
}

/** A link in the place of a file is not followed: it could lead anywhere. */
async function openFile(folder: string, name: string): Promise<FileHandle | null> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(join(folder, name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch (error) {
    await handle?.close();
    const code = errnoOf(error);
    if (code !== 'ENOENT' && code !== 'ELOOP' && code !== 'EISDIR' && code !== 'ENOTDIR') throw error;
  }
  if (!NEEDED.includes(name)) return null;
  throw new AppError({ code: 'ADAPTER-NONE', message: `${folder} holds no ${name}.`, data: { folder, name }, remedy: 'Choose another checkpoint.' });
}

async function* zipped(files: readonly AdapterFile[]): AsyncGenerator<Uint8Array, void, void> {
  const ready: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    ready.push(chunk);
  });
  try {
    for (const { name, handle } of files) {
      const entry = new ZipPassThrough(name);
      zip.add(entry);
      for await (const chunk of handle.createReadStream({ highWaterMark: CHUNK, autoClose: false })) {
        entry.push(chunk as Uint8Array);
        yield* ready.splice(0);
      }
      entry.push(new Uint8Array(0), true);
    }
    zip.end();
    yield* ready.splice(0);
  } finally {
    await Promise.all(files.map(({ handle }) => handle.close()));
  }
}
