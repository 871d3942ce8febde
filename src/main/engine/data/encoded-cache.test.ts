import { mkdir, mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CanonicalRow } from '../../../shared/domain/dataset.ts';
import { createRowEncoder, type RowEncoder } from '../text/encode.ts';
import { loadTokenizer } from '../text/tokenizer/tokenizer.ts';
import { cacheKey, openOrBuildCache, type BuildCacheRequest } from './encoded-cache.ts';

const TOKENIZER = join(import.meta.dirname, '../../../../test/parity/fixtures/text/tokenizer-plain');
const ROWS = Array.from({ length: 700 }, (_, i): CanonicalRow => ({ kind: 'text', source: i + 1, text: `row ${i} `.repeat(1 + (i % 7)) }));
const key = cacheKey({ datasetHash: 'd', tokenizerHash: 't', settings: { maxLength: 16 } });
let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cache-'));
  file = join(folder, 'rows.jsonl');
  await writeFile(file, `${ROWS.map((row) => JSON.stringify(row)).join('\n')}\n`);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const encoder = async (): Promise<RowEncoder> => createRowEncoder(await loadTokenizer(TOKENIZER), { loss: 'auto', maxLength: 16 });
const request = async (more: Partial<BuildCacheRequest> = {}): Promise<BuildCacheRequest> => ({
  file, key, cacheRoot: join(folder, 'caches'), encoder: await encoder(), signal: new AbortController().signal, ...more,
});

test('rows read back in any order as they were encoded, and the second opening encodes nothing', async () => {
  const expected = await (await encoder()).encode(ROWS);
  const progress: number[] = [];
  const first = await openOrBuildCache(await request({ onProgress: ({ rows }) => progress.push(rows) }));
  await first.close();
  expect(progress).toEqual([256, 512, 700]);
  const again = await openOrBuildCache(await request({ file: join(folder, 'gone.jsonl') }));
  expect(again.rows).toBe(700);
  expect(await again.readRows([699, 0, 350])).toEqual([expected[699], expected[0], expected[350]]);
  expect([again.length(13), again.targets(13)]).toEqual([16, 15]);
  expect(again.report.truncatedRows.count).toBeGreaterThan(0);
  await expect(again.read(700)).rejects.toThrow(RangeError);
  await again.close();
});

test('an aborted build leaves nothing behind', async () => {
  const controller = new AbortController();
  const build = openOrBuildCache(await request({ signal: controller.signal, onProgress: () => controller.abort(new Error('stopped by the user')) }));
  await expect(build).rejects.toThrow('stopped by the user');
  expect(await readdir(join(folder, 'caches'))).toEqual([]);
});

test('what a killed build left is swept a day later; a build under way is not', async () => {
  const caches = join(folder, 'caches');
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3600_000);
  for (const [name, hours] of [['building-old', 25], ['building-slow', 1], ['building-empty', 25]] as const) {
    await mkdir(join(caches, name), { recursive: true });
    if (name !== 'building-empty') {
      await writeFile(join(caches, name, 'tokens.bin'), 'x');
      await utimes(join(caches, name, 'tokens.bin'), hoursAgo(hours), hoursAgo(hours));
    }
    await utimes(join(caches, name), hoursAgo(25), hoursAgo(25));
  }
  await (await openOrBuildCache(await request())).close();
  expect((await readdir(caches)).sort()).toEqual([key, 'building-slow'].sort());
});

test('a line that is no row is named', async () => {
  await writeFile(file, `${JSON.stringify(ROWS[0])}\n{"kind":"text","source":2}\n`);
  await expect(openOrBuildCache(await request())).rejects.toMatchObject({ code: 'DATASET-CANONICAL', data: { line: 2 } });
});

test('a cut cache is refused, not read', async () => {
  await (await openOrBuildCache(await request())).close();
  await truncate(join(folder, 'caches', key, 'tokens.bin'), 1000);
  await expect(openOrBuildCache(await request())).rejects.toMatchObject({ code: 'CACHE-BROKEN' });
});

test('other settings, another cache', () => {
  expect(cacheKey({ datasetHash: 'd', tokenizerHash: 't', settings: { maxLength: 17 } })).not.toBe(key);
});
