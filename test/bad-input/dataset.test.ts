/** Datasets that are not what they should be: what is said, and what is left. */
import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { importDataset } from '../../src/main/datasets/import-dataset.ts';
import { openOrBuildCache } from '../../src/main/engine/data/encoded-cache.ts';
import { createRowEncoder } from '../../src/main/engine/text/encode.ts';
import { loadTokenizer } from '../../src/main/engine/text/tokenizer/tokenizer.ts';
import { finishJob, runJob, trainJob } from '../support/engine-job.ts';
import { parityFixture } from '../support/fixture.ts';
import { testFolder } from '../support/test-folder.ts';

const MEGABYTE = 1024 * 1024;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('broken lines are listed by number and reason, and the other rows train', async () => {
  const root = await testFolder();
  const file = join(root, 'rows.jsonl');
  const good = (i: number) => JSON.stringify({ prompt: `Question ${i}?`, completion: ` Answer ${i}.` });
  await writeFile(file, [good(1), '{"prompt": "no end', good(3), '{"prompt": "no completion"}', '[1, 2]', good(6)].join('\n'));
  const job = await trainJob(root, 'run', { dataset: file, recipe: { max_steps: 2 } });
  const bad = readFileSync(join(root, 'rows', 'bad-rows.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { source: number; reason: string });
  expect(bad.map(({ source }) => source)).toEqual([2, 4, 5]);
  expect(bad[0]!.reason).toMatch(/JSON/);
  expect(bad[1]!.reason).toMatch(/completion/);
  const { events } = await finishJob(job);
  expect(events.find(({ kind }) => kind === 'dataset')).toMatchObject({ rows: 3 });
});

it.each<readonly [string, string, string, RegExp]>([
  ['columns that no format has', '{"frage": "a", "antwort": "b"}\n', 'E-FMT-COLS', /frage/],
  ['an empty file', '', 'E-FMT-EMPTY', /it is empty/],
  ['blank lines only', '\n\n  \n', 'E-FMT-EMPTY', /it is empty/],
  ['nothing but broken lines', '{"text": \n{"text": \n', 'E-FMT-EMPTY', /each of its 2 rows was refused; the first \(1\)/],
])('%s', async (_name, content, code, message) => {
  const root = await testFolder();
  const file = join(root, 'rows.jsonl');
  await writeFile(file, content);
  const importing = importDataset({ file, outDir: join(root, 'rows') });
  await expect(importing).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  await expect(importing).rejects.toMatchObject({ message: expect.stringContaining(file) as string });
});

it('rows that were cut or edited after their import are named by file and line', async () => {
  const root = await testFolder();
  const job = await trainJob(root, 'run');
  const lines = readFileSync(job.rows.file, 'utf8').trim().split('\n');
  await writeFile(job.rows.file, [...lines.slice(0, 4), lines[4]!.slice(0, 20)].join('\n'));
  const { final } = await runJob(job);
  expect(final).toMatchObject({
    kind: 'failed',
    error: { code: 'DATASET-CANONICAL', message: expect.stringContaining(`Line 5 of ${job.rows.file}`) as string },
  });
  expect(await readdir(join(job.cacheDir, 'encoded'))).toEqual([]);
});

it('a dataset whose tokens would fill memory is encoded row by row', async () => {
  const root = await testFolder();
  const file = join(root, 'rows.jsonl');
  const text = 'The keeper lit the lamp at dusk and wrote down the wind. '.repeat(20);
  const fd = openSync(file, 'w');
  let rows = 0;
  for (let written = 0; written < 16 * MEGABYTE; rows++) written += writeSync(fd, `${JSON.stringify({ kind: 'text', source: rows + 1, text })}\n`);
  closeSync(fd);
  const tokenizer = await loadTokenizer(parityFixture('models', 'llama-tied'));
  const held: number[] = [];
  const dataset = await openOrBuildCache({
    file,
    key: 'large',
    cacheRoot: join(root, 'cache'),
    encoder: await createRowEncoder(tokenizer, { loss: 'auto', maxLength: 2048 }),
    signal: new AbortController().signal,
    onProgress: () => held.push(heldBytes()),
  });
  expect(dataset.rows).toBe(rows);
  await dataset.close();
  expect(statSync(join(root, 'cache', 'large', 'tokens.bin')).size).toBeGreaterThan(64 * MEGABYTE);
  // The second half adds its index and counts, a few numbers a row; its tokens would be 32 MB.
  expect(held.at(-1)! - held[Math.floor(held.length / 2)]!).toBeLessThan(4 * MEGABYTE);
});

/** What this process holds on to; resident memory would count garbage that nobody has needed to collect yet. */
function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
