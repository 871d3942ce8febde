import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Zip, ZipPassThrough } from 'fflate';
import type { Outcome, OutcomeKind } from '../../shared/domain/outcome.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { errnoOf } from '../../shared/lib/write-error.ts';

/** What PEFT or transformers reads; what else lies in a checkpoint's folder (optimizer state) is for resuming. */
const KINDS: Readonly<Record<OutcomeKind, { readonly needed: readonly string[]; readonly isWanted: (name: string) => boolean }>> = {
  adapter: { needed: ['adapter_config.json', 'adapter_model.safetensors'], isWanted: (name) => name === 'README.md' },
  model: {
    needed: ['config.json'],
    isWanted: (name) =>
      /\.(?:json|safetensors|txt|model|jinja)$|^(?:LICENSE|NOTICE)/.test(name) && !/^(?:trainer_state\.json|optimizer\.safetensors)$/.test(name),
  },
};
const MOST_FILES = 10_000;
const CHUNK = 1024 * 1024;
/** Sizes in this kind of zip have 32 bits. */
const MAX_BYTES = 0xffff_ffff - CHUNK;

interface OutcomeFile {
  readonly name: string;
  readonly handle: FileHandle;
}

/**
 * The files of an adapter or a model as a zip, stored rather than compressed (weights do not shrink), chunk by chunk as it is read.
 * @throws AppError ADAPTER-NONE where a file is missing, ADAPTER-TOO-LARGE; before the first chunk
 */
export async function* zipOfOutcome({ kind, folder }: Outcome): AsyncGenerator<Uint8Array, void, void> {
  yield* zipped(await openAll(kind, folder));
}

async function openAll(kind: OutcomeKind, folder: string): Promise<readonly OutcomeFile[]> {
  const files: OutcomeFile[] = [];
  const { needed, isWanted } = KINDS[kind];
  const there = (await readdir(folder).catch(() => [])).filter((name) => isWanted(name) && !needed.includes(name)).sort();
  try {
    let bytes = 0;
    for (const name of [...needed, ...there].slice(0, MOST_FILES)) {
      const handle = await openFile(folder, name, needed.includes(name));
      if (handle === null) continue;
      files.push({ name, handle });
      bytes += (await handle.stat()).size;
    }
    if (bytes > MAX_BYTES)
      throw new AppError({
        code: 'ADAPTER-TOO-LARGE',
        message: `The ${kind} in ${folder} has ${bytes} bytes, too many for a zip.`,
        data: { folder, bytes },
        remedy: 'Copy the folder itself.',
      });
    return files;
  } catch (error) {
    await Promise.all(files.map(({ handle }) => handle.close()));
    throw error;
  }
}

/** A link in the place of a file is not followed: it could lead anywhere. */
async function openFile(folder: string, name: string, isNeeded: boolean): Promise<FileHandle | null> {
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
  if (!isNeeded) return null;
  throw new AppError({ code: 'ADAPTER-NONE', message: `${folder} holds no ${name}.`, data: { folder, name }, remedy: 'Choose another checkpoint.' });
}

async function* zipped(files: readonly OutcomeFile[]): AsyncGenerator<Uint8Array, void, void> {
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
