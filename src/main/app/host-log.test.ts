import { readFile, stat, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../../test/support/test-folder.ts';
import { HostLog } from './host-log.ts';

it('keeps what went wrong under its id, in order, and one older file', async () => {
  const folder = await testFolder();
  const file = join(folder, 'logs', 'host.log');
  const log = new HostLog(file);
  log.write('id-1', new TypeError('first'));
  log.write('id-2', 'second');
  await log.flushed();
  expect(await readFile(file, 'utf8')).toMatch(/^\S+Z id-1 TypeError: first[^]*\n\S+Z id-2 'second'\n$/);
  await writeFile(file, 'x'.repeat(1024 * 1024 + 1));
  log.write('id-3', 'third');
  await log.flushed();
  expect([await readFile(file, 'utf8'), (await stat(`${file}.1`)).size]).toEqual([expect.stringMatching(/id-3 'third'\n$/), 1024 * 1024 + 1]);
});

it('is bounded: a bug in a loop fills neither memory nor disk', async () => {
  const file = join(await testFolder(), 'host.log');
  await mkdir(join(file, '..'), { recursive: true });
  const log = new HostLog(file);
  for (let time = 0; time < 10_000; time += 1) log.write('id', 'x'.repeat(100_000));
  await log.flushed();
  expect((await stat(file)).size).toBeLessThan(100 * 17_000);
});
