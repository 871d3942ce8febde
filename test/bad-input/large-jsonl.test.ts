import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importDataset } from '../../src/main/datasets/import-dataset.ts';
import { tempFolder } from '../support/temp-folder.ts';

const megabyte = 1024 * 1024;
const folder = tempFolder();

/** Writes `block` until the file has `bytes`; returns how often. */
function fill(file: string, block: Buffer, bytes: number): number {
  const fd = openSync(file, 'w');
  let times = 0;
  for (let done = 0; done < bytes; done += block.length) {
    writeSync(fd, block);
    times += 1;
  }
  closeSync(fd);
  return times;
}

/** Runs an import and reports its peak growth of resident memory in MB. */
async function importMeasured(file: string) {
  const before = process.memoryUsage().rss;
  let peak = before;
  const onProgress = () => (peak = Math.max(peak, process.memoryUsage().rss));
  const imported = await importDataset({ file, outDir: join(folder, 'out'), onProgress });
  return { imported, grownBy: (peak - before) / megabyte };
}

test('1 GB of JSONL is imported in bounded memory, its bad lines by number', async () => {
  const row = (i: number) =>
    JSON.stringify({
      messages: [
        { role: 'user', content: `${i} ${'ask '.repeat(200)}` },
        { role: 'assistant', content: 'answer '.repeat(40) },
      ],
    });
  const rowsPerBlock = 1000;
  const block = Buffer.from(`${Array.from({ length: rowsPerBlock }, (_, i) => row(i)).join('\n')}\n{"broken":\n`);
  const file = join(folder, 'large.jsonl');
  const blocks = fill(file, block, 1024 * megabyte);
  expect(statSync(file).size).toBeGreaterThanOrEqual(1024 * megabyte);
  const { imported, grownBy } = await importMeasured(file);
  expect([imported.rows, imported.badRows]).toEqual([blocks * rowsPerBlock, blocks]);
  expect(imported.badRowSamples.map((bad) => bad.source).slice(0, 3)).toEqual([1001, 2002, 3003]);
  // A fifth of the file: chunks, strings on their way to the collector, and the test runner's own noise.
  expect(grownBy).toBeLessThan(200);
  // A hang, not slowness, is what the limit is for.
}, 240_000);

test('one line of 600 MB is refused without being held', async () => {
  const file = join(folder, 'one-line.jsonl');
  fill(file, Buffer.from(`{"text":"${'x'.repeat(megabyte)}`), 600 * megabyte);
  let peak = process.memoryUsage().rss;
  const before = peak;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
  await expect(importDataset({ file, outDir: join(folder, 'out') })).rejects.toMatchObject({
    code: 'E-FMT-EMPTY',
    message: expect.stringContaining('longer than') as string,
  });
  clearInterval(timer);
  expect((peak - before) / megabyte).toBeLessThan(150);
}, 60_000);
