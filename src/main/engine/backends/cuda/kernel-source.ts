/** @file What the build script and its test read out of kernel sources and PTX. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KernelEntry } from './kernel-manifest.ts';

const FIELD_TYPES: Readonly<Record<string, string>> = {
  int64_t: 'i64',
  uint64_t: 'u64',
  int32_t: 'i32',
  int: 'i32',
  uint32_t: 'u32',
  float: 'f32',
};
const PARAM_BYTES: Readonly<Record<string, number>> = { u64: 8, s64: 8, b64: 8, f64: 8, u32: 4, s32: 4, b32: 4, f32: 4 };

async function headersOf(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.cuh')).sort();
}

/** SHA-256 over a source and all headers of its folder, each preceded by its name. */
export async function sourceHash(folder: string, source: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of [...(await headersOf(folder)), source]) {
    // oxlint-disable-next-line no-await-in-loop -- the order is part of the hash
    hash.update(`${name}\n`).update(await readFile(join(folder, name)));
  }
  return hash.digest('hex');
}

/** Structs named `...Params` in the headers, as [field, type] lists in KernelParams' types. */
export async function readStructs(folder: string): Promise<Record<string, [string, string][]>> {
  const structs: Record<string, [string, string][]> = {};
  for (const name of await headersOf(folder)) {
    // oxlint-disable-next-line no-await-in-loop -- a handful of small files
    const text = await readFile(join(folder, name), 'utf8');
    for (const [, struct, body] of text.matchAll(/struct (\w+Params) \{([^}]*)\}/g)) {
      structs[struct!] = Array.from(body!.matchAll(/^\s*(?:const )?(\w+)(\*?) (\w+);/gm), ([, type, star, field]) => [
        field!,
        star === '*' ? 'ptr' : (FIELD_TYPES[type!] ?? `unknown ${type}`),
      ]);
    }
  }
  return structs;
}

/** The entry points of a PTX text. */
export function readEntries(ptx: string): KernelEntry[] {
  const entries = ptx.matchAll(/\.visible \.entry (\w+)\(([^)]*)\)([^{]*)\{/g);
  return Array.from(entries, ([, name, list, directives]) => {
    const params: string[] = [];
    let end = 0;
    for (const [, align, type, count] of list!.matchAll(/\.param (?:\.align (\d+) )?\.(\w+) \w+(?:\[(\d+)\])?/g)) {
      const bytes = count === undefined ? PARAM_BYTES[type!]! : Number(count);
      const alignment = align === undefined ? bytes : Number(align);
      end = Math.ceil(end / alignment) * alignment + bytes;
      params.push(count === undefined ? type! : `${type}[${count}]`);
    }
    const threads = /\.maxntid (\d+)/.exec(directives!)?.[1];
    return { name: name!, params, paramBytes: end, ...(threads === undefined ? {} : { threads: Number(threads) }) };
  });
}
