/**
 * @file Compiled programs on disk: what ONNX Runtime made of a model, so that a process that needs the same model again only reads it. The
 * name is a hash of the very model that would be compiled and of whatever the result depends on; the content carries its own hash, and a
 * file that does not agree with it is dropped and made anew. The folder may be deleted at any time.
 */
import { createHash, randomUUID } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { env } from 'onnxruntime-node';
import { makeFolder, remove, touch } from '../../../files/folders.ts';
import { targetOfTemporary } from '../../../files/open-file.ts';
import { writeFileAtomically } from '../../../files/write-file.ts';

/** All programs together; those longest unused go first. */
const MAX_BYTES = 512 * 2 ** 20;
const SUFFIX = '.program';
const DRAFT = '.new';
const HASH_BYTES = 32;
/** Milliseconds after which nobody is still writing a draft. */
const ABANDONED = 3_600_000;

export class ProgramCache {
  readonly #folder: string;
  readonly #maxBytes: number;

  constructor(folder: string, maxBytes = MAX_BYTES) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** @param options whatever else changes what is compiled. ONNX Runtime may fit a model to the processor, so that is part of the name. */
  key(model: Uint8Array, options: unknown): string {
    const place = { onnxRuntime: env.versions, processor: cpus()[0]?.model ?? '', arch: process.arch, options };
    return createHash('sha256').update(JSON.stringify(place)).update(model).digest('hex');
  }

  /** The compiled model, or null where there is none that is whole. */
  async get(key: string): Promise<Uint8Array | null> {
    const file = this.#file(key);
    const bytes = await readFile(file).catch(() => null);
    if (bytes === null) return null;
    const content = bytes.subarray(HASH_BYTES);
    if (!bytes.subarray(0, HASH_BYTES).equals(digest(content))) {
      await remove(file);
      return null;
    }
    await touch(file).catch(() => undefined);
    return content;
  }

  /** A file name for ONNX Runtime to write a compiled model to; null where the folder cannot be written. */
  async draft(): Promise<string | null> {
    try {
      await makeFolder(this.#folder);
      return join(this.#folder, `${randomUUID()}${DRAFT}`);
    } catch {
      return null;
    }
  }

  /** Takes a draft in under its key. A full disk costs compiling again, and nothing else. */
  async put(key: string, draft: string): Promise<void> {
    try {
      const content = await readFile(draft);
      await writeFileAtomically(this.#file(key), async (write) => {
        await write(digest(content));
        await write(content);
      });
      await remove(draft);
      await this.#bound();
    } catch {
      await remove(draft);
    }
  }

  async #bound(): Promise<void> {
    const files = await Promise.all((await readdir(this.#folder)).map(async (name) => ({ name, ...(await facts(join(this.#folder, name))) })));
    let kept = 0;
    for (const { name, bytes, used } of files.sort((a, b) => b.used - a.used)) {
      kept += bytes;
      // Programs beyond the bound, and drafts of processes that died.
      if (name.endsWith(SUFFIX) ? kept > this.#maxBytes : isDraft(name) && used < Date.now() - ABANDONED) await remove(join(this.#folder, name));
    }
  }

  #file(key: string): string {
    return join(this.#folder, `${key}${SUFFIX}`);
  }
}

/** What a process that died may have left; a foreign file is none of ours to remove. */
function isDraft(name: string): boolean {
  return name.endsWith(DRAFT) || targetOfTemporary(name)?.endsWith(SUFFIX) === true;
}

function digest(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}

async function facts(file: string): Promise<{ readonly bytes: number; readonly used: number }> {
  // Another process may have removed it meanwhile.
  const { size, mtimeMs } = await lstat(file).catch(() => ({ size: 0, mtimeMs: 0 }));
  return { bytes: size, used: mtimeMs };
}
