/** A cache that somebody else made, with seals that fit: its numbers say where and how much is read. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { canonicalJson } from '../../../shared/lib/canonical-json.ts';
import { EncodedDataset } from './encoded-cache.ts';

const hash = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');

async function sealedCache(index: readonly number[]): Promise<string> {
  const folder = join(await testFolder(), 'cache');
  await mkdir(folder);
  const bytes = new Uint8Array(Float64Array.from(index).buffer);
  const tokens = new Uint8Array(40);
  const facts = { version: 4, endianness: endianness(), rows: index.length / 4, report: {}, tokens: hash(tokens), index: hash(bytes) };
  await writeFile(join(folder, 'index.bin'), bytes);
  await writeFile(join(folder, 'tokens.bin'), tokens);
  await writeFile(join(folder, 'meta.json'), JSON.stringify({ ...facts, seal: hash(canonicalJson({ ...facts })) }));
  return folder;
}

it('rows that follow each other are read', async () => {
  const cache = await EncodedDataset.open(await sealedCache([0, 2, 1, 1, 2, 3, 2, 2]));
  expect((await cache.read(1)).inputIds).toHaveLength(3);
  await cache.close();
});

it.each(['null', '1', '"x"', '[]'])('a meta.json that is %s is no cache', async (text) => {
  const folder = await sealedCache([0, 5, 1, 1]);
  await writeFile(join(folder, 'meta.json'), text);
  await expect(EncodedDataset.open(folder)).rejects.toMatchObject({ code: 'CACHE-BROKEN' });
});

it.each([
  ['a row beyond the end', [1e15, 2, 1, 1, 2, 3, 2, 2]],
  ['no number', [NaN, 2, 1, 1, 2, 3, 2, 2]],
  ['a length below zero', [0, 8, 1, 1, 8, -3, 0, 2]],
  ['rows over each other', [0, 4, 1, 1, 2, 3, 2, 2]],
  ['more targets than tokens', [0, 2, 9, 1, 2, 3, 2, 2]],
  ['half a token', [0, 2.5, 1, 1, 2.5, 2.5, 2, 2]],
])('%s is no cache', async (_, index) => {
  await expect(EncodedDataset.open(await sealedCache(index))).rejects.toMatchObject({ code: 'CACHE-BROKEN' });
});
