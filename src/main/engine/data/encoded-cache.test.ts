import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CanonicalRow } from '../../../shared/domain/dataset.ts';
import { claimWork } from '../../files/work-lock.ts';
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
  file,
  key,
  cacheRoot: join(folder, 'caches'),
  encoder: await encoder(),
  signal: new AbortController().signal,
  ...more,
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

test('what a killed build left is swept, however young; a build under way is not, however old', async () => {
  const caches = join(folder, 'caches');
  const slow = join(caches, 'building-slow');
  const claim = await claimWork(slow);
  for (const name of ['building-killed', 'building-slow', 'building-empty']) await mkdir(join(caches, name), { recursive: true });
  for (const name of ['building-killed', 'building-slow']) await writeFile(join(caches, name, 'tokens.bin'), 'x');
  // A lock that a crash has left beside its folder.
  await writeFile(join(caches, 'building-killed.lock'), '');
  const longAgo = new Date(0);
  for (const path of [join(slow, 'tokens.bin'), slow]) await utimes(path, longAgo, longAgo);
  await (await openOrBuildCache(await request())).close();
  expect((await readdir(caches)).sort()).toEqual([key, 'building-slow', 'building-slow.lock'].sort());
  claim.release();
});

test('a line that is no row is named', async () => {
  await writeFile(file, `${JSON.stringify(ROWS[0])}\n{"kind":"text","source":2}\n`);
  await expect(openOrBuildCache(await request())).rejects.toMatchObject({ code: 'DATASET-CANONICAL', data: { line: 2 } });
});

/** Flips one bit. */
async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  await writeFile(path, bytes);
}

test.each<readonly [string, (cache: string) => Promise<void>]>([
  ['cut tokens', (cache) => truncate(join(cache, 'tokens.bin'), 1000)],
  ['a flipped token', (cache) => flip(join(cache, 'tokens.bin'), 4000)],
  [
    'tokens beyond any vocabulary',
    async (cache) => writeFile(join(cache, 'tokens.bin'), (await readFile(join(cache, 'tokens.bin'))).fill(0x7f, 0, 64)),
  ],
  ['a flipped index', (cache) => flip(join(cache, 'index.bin'), 70)],
  ['a cut index', (cache) => truncate(join(cache, 'index.bin'), 33)],
  ['no index', (cache) => rm(join(cache, 'index.bin'))],
  ['no tokens', (cache) => rm(join(cache, 'tokens.bin'))],
  ['no meta', (cache) => rm(join(cache, 'meta.json'))],
  ['an empty meta', (cache) => writeFile(join(cache, 'meta.json'), '')],
  [
    'another count in the report',
    async (cache) =>
      writeFile(join(cache, 'meta.json'), (await readFile(join(cache, 'meta.json'), 'utf8')).replace('"keptRows":700', '"keptRows":701')),
  ],
])('a cache with %s is dropped, told and made again as it was', async (name, damage) => {
  const cache = join(folder, 'caches', key);
  await (await openOrBuildCache(await request())).close();
  const whole = await Promise.all(['tokens.bin', 'index.bin', 'meta.json'].map((file) => readFile(join(cache, file))));
  await damage(cache);
  const told: string[] = [];
  const again = await openOrBuildCache(await request({ onDropped: (why) => told.push(why) }));
  await again.close();
  // Without its meta.json a folder does not say that it is a cache.
  expect(told).toEqual(name === 'no meta' ? [] : [expect.stringContaining(cache)]);
  expect(await Promise.all(['tokens.bin', 'index.bin', 'meta.json'].map((file) => readFile(join(cache, file))))).toEqual(whole);
  expect(await readdir(join(folder, 'caches'))).toEqual([key]);
});

test('rows that were changed after their import are named, not encoded', async () => {
  const contentHash = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  await writeFile(file, (await readFile(file, 'utf8')).replace('row 699', 'row 698'));
  await expect(openOrBuildCache(await request({ contentHash }))).rejects.toMatchObject({
    code: 'ROWS-CHANGED',
    message: expect.stringContaining(file) as string,
  });
  expect(await readdir(join(folder, 'caches'))).toEqual([]);
});

test('other settings, another cache', () => {
  expect(cacheKey({ datasetHash: 'd', tokenizerHash: 't', settings: { maxLength: 17 } })).not.toBe(key);
});
