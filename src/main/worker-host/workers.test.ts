import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { testFolder } from '../../../test/support/test-folder.ts';
import { closeIdleWorkers, runTask, streamTask } from './workers.ts';

afterEach(() => {
  delete process.env['TUNESMITH_WORKER_MEMORY'];
  closeIdleWorkers();
});

/** JSONL of about so many megabytes. */
async function largeFile(root: string, megabytes: number): Promise<string> {
  const file = join(root, 'rows.jsonl');
  await writeFile(file, `{"text":"${'word '.repeat(200)}"}\n`.repeat(megabytes * 1000));
  return file;
}

it('does a task and tells how far it is', async () => {
  const root = await testFolder();
  const file = await largeFile(root, 20);
  const told: number[] = [];
  const imported = await runTask('import', { file, outDir: join(root, 'out') }, { about: file, onProgress: ({ bytesDone }) => told.push(bytesDone) });
  expect(imported).toMatchObject({ rows: 20_000, format: 'text' });
  expect(readdirSync(join(root, 'out')).toSorted()).toEqual(['plan.json', 'rows.jsonl', 'rows.jsonl.index']);
  expect(told.length).toBeGreaterThan(0);
  expect(told).toEqual(told.toSorted((x, y) => x - y));
});

it('passes an AppError on as it is', async () => {
  await expect(runTask('hash', { file: '/no/such/file' }, { about: 'x' })).rejects.toMatchObject({
    code: 'E-FILE',
    message: expect.stringContaining('/no/such/file') as string,
  });
});

it('a file that takes more memory than it may is an error that names it, and the next task is done', async () => {
  const root = await testFolder();
  const file = join(root, 'rows.jsonl');
  // Five million lists in a row of 15 MB: over 200 MB once parsed.
  await writeFile(file, `{"text":"a","x":[${'[],'.repeat(5_000_000)}[]]}\n`);
  process.env['TUNESMITH_WORKER_MEMORY'] = '64';
  await expect(runTask('import', { file, outDir: join(root, 'out') }, { about: file })).rejects.toMatchObject({
    code: 'WORKER-LOST',
    message: expect.stringMatching(/rows\.jsonl could not be worked on: its rows need more than the 64 MiB/) as string,
  });
  delete process.env['TUNESMITH_WORKER_MEMORY'];
  await writeFile(file, '{"text":"a"}\n');
  expect(await runTask('import', { file, outDir: join(root, 'other') }, { about: file })).toMatchObject({ rows: 1 });
});

it('breaking off ends a task at once, before it begins, while it waits and in the middle', async () => {
  const root = await testFolder();
  const file = await largeFile(root, 60);
  const stops = Array.from({ length: 4 }, () => new AbortController());
  stops[3]!.abort();
  const begun = Promise.withResolvers<void>();
  const work = stops.map(({ signal }, at) =>
    runTask('import', { file, outDir: join(root, `out-${at}`) }, { about: file, signal, onProgress: () => begun.resolve() }),
  );
  const ended = Promise.allSettled(work);
  await begun.promise;
  for (const stop of stops) stop.abort();
  expect((await ended).map((each) => (each.status === 'rejected' ? (each.reason as { code: string }).code : each.status))).toEqual([
    'E-CANCELLED',
    'E-CANCELLED',
    'E-CANCELLED',
    'E-CANCELLED',
  ]);
  expect(await runTask('hash', { file }, { about: file })).toMatch(/^[0-9a-f]{64}$/);
});

it('no more than two tasks are at work at once; all of many are done', async () => {
  const root = await testFolder();
  const file = await largeFile(root, 1);
  const hashes = await Promise.all(Array.from({ length: 12 }, () => runTask('hash', { file }, { about: file })));
  expect(new Set(hashes).size).toBe(1);
});

it('a stream is made as fast as it is taken, and comes whole', async () => {
  const root = await testFolder();
  await mkdir(join(root, 'adapter'));
  const weights = Buffer.alloc(5 * 1024 * 1024 + 7, 'abcdefg');
  await writeFile(join(root, 'adapter', 'adapter_config.json'), '{}');
  await writeFile(join(root, 'adapter', 'adapter_model.safetensors'), weights);
  const parts: Uint8Array[] = [];
  for await (const chunk of streamTask('outcome-zip', { kind: 'adapter', folder: join(root, 'adapter') }, { about: 'the adapter' }))
    parts.push(chunk);
  // Stored, not compressed: the weights stand in the archive as they are.
  expect(Buffer.concat(parts).includes(weights)).toBe(true);
  await expect(streamTask('outcome-zip', { kind: 'adapter', folder: root }, { about: 'the adapter' }).next()).rejects.toMatchObject({
    code: 'ADAPTER-NONE',
  });
  for await (const _ of streamTask('outcome-zip', { kind: 'adapter', folder: join(root, 'adapter') }, { about: 'the adapter' })) break;
});
