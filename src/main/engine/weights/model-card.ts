import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A model card's front matter stands at its beginning; what comes later is prose. */
const MAX_BYTES = 64 * 1024;
const MAX_NAME = 100;

/** `license` of the model card's front matter (its `license_name` where that is "other"); null where none is said. */
export async function readLicense(folder: string): Promise<string | null> {
  const text = await beginning(join(folder, 'README.md'));
  const [, frontMatter] = /^\ufeff?---\r?\n([\s\S]*?)\r?\n---/.exec(text) ?? [];
  if (frontMatter === undefined) return null;
  const license = valueOf(frontMatter, 'license');
  return license === 'other' ? (valueOf(frontMatter, 'license_name') ?? license) : license;
}

/** A plain value at the top level: cards of models name the licence in no other way. */
function valueOf(frontMatter: string, key: string): string | null {
  const [, value] = new RegExp(`^${key}:[ \\t]*(.*)$`, 'm').exec(frontMatter) ?? [];
  const plain = value?.trim().replace(/^(['"])(.*)\1$/, '$2') ?? '';
  return plain === '' ? null : plain.slice(0, MAX_NAME);
}

async function beginning(file: string): Promise<string> {
  try {
    // To open a named pipe would wait for ever.
    if (!(await stat(file)).isFile()) return '';
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    // A card that is missing or must not be read says nothing; the model runs without it.
    return '';
  }
}
