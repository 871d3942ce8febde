/**
 * @file A folder as one input: JSON that names its files, two levels deep. A text stands as it is, `lines` are JSON one a line, `safetensors` is a
 * header with so many `bytes` behind it, `numbers` are float64, `link` is a link; anything else is written as JSON.
 */
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type Laid = Readonly<Record<string, unknown>>;

const NAME = /^(?!\.{1,2}(?:\/|$))[\w .-]{1,80}(?:\/(?!\.{1,2}$)[\w .-]{1,80})?$/;
const MOST_FILES = 40;
const MOST_BYTES = 300_000;
/** What weights are made of: a small number in every type that weights have. */
const VALUES = 0x3c;

/** JSON of an input as an object; null for anything else. */
export function objectOf(input: Buffer): Laid | null {
  try {
    const json: unknown = JSON.parse(input.toString('utf8'));
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Laid) : null;
  } catch {
    // Not JSON: whoever reads such a file has its own target.
    return null;
  }
}

/** Lays the files anew; what cannot stand beside another (a file in the place of a folder) is left out. */
export async function layFolder(folder: string, files: Laid): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, value] of Object.entries(files).slice(0, MOST_FILES)) {
    if (!NAME.test(name)) continue;
    try {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await layFile(join(folder, name), value);
    } catch {
      // The name is taken by another kind of thing.
    }
  }
}

async function layFile(path: string, value: unknown): Promise<void> {
  const { link, lines, numbers, safetensors, bytes } = (typeof value === 'object' && value !== null ? value : {}) as Laid;
  // Into the net beside the folder, or nowhere.
  if (typeof link === 'string') return symlink(link.startsWith('../../outside') ? link : '../nowhere', path);
  if (Array.isArray(lines)) return writeFile(path, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  if (Array.isArray(numbers)) return writeFile(path, Buffer.from(Float64Array.from(numbers, Number).buffer));
  if (safetensors !== undefined) return writeFile(path, weightsOf(safetensors, bytes));
  return writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
}

function weightsOf(header: unknown, bytes: unknown): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  const wanted = typeof bytes === 'number' && bytes > 0 ? Math.min(Math.floor(bytes), MOST_BYTES) : 0;
  return Buffer.concat([size, text, Buffer.alloc(wanted, VALUES)]);
}
