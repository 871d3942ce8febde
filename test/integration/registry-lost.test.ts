/** A registry file that is removed, replaced, cut off, written over or held: it is said, and nothing is written where nobody would find it. */
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, statSync, truncateSync, writeSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dataFolder } from '../../src/main/app/paths.ts';
import { openDatabase } from '../../src/main/registry/database.ts';
import { openStudio, type Studio } from '../../src/main/studio.ts';
import { lockRegistry } from '../support/registry-lock.ts';
import { startCli } from '../support/run-cli.ts';
import { testFolder } from '../support/test-folder.ts';

interface Opened {
  readonly studio: Studio;
  readonly file: string;
  readonly folder: string;
}

async function opened(): Promise<Opened> {
  const folder = join(await testFolder(), 'data');
  // Once before, so that the file itself has all of it and not the log beside it.
  await openStudio(dataFolder(folder), 'browser').close();
  const studio = openStudio(dataFolder(folder), 'browser');
  onTestFinished(() => studio.close().catch(() => undefined));
  await studio.services.settings.update({ threads: 3 });
  return { studio, folder, file: join(folder, 'registry.sqlite') };
}

const codes = ({ studio }: Opened) => studio.services.notices.list().map(({ code }) => code);

/** Puts other bytes where the tables lie, as a program that knows nothing of databases would. */
function writeOver(file: string): void {
  const handle = openSync(file, 'r+');
  for (let at = 100; at < statSync(file).size; at += 4096) writeSync(handle, Buffer.alloc(2000, 0xa5), 0, 2000, at);
  closeSync(handle);
}

describe('a registry that is open', () => {
  it('and removed: pages are told within seconds, changes are refused in words, and what it held is saved beside it', async () => {
    const at = await opened();
    await rm(at.file);
    await expect.poll(() => codes(at), { timeout: 5000 }).toEqual(['REGISTRY-LOST']);
    await expect(at.studio.services.settings.update({ threads: 4 })).rejects.toMatchObject({
      code: 'REGISTRY-LOST',
      remedy: expect.stringContaining('tunesmith resume'),
    });
    const rescued = await expect
      .poll(() => readdirSync(at.folder).find((name) => /^registry-rescued-.*\.sqlite$/.test(name)), { timeout: 5000 })
      .toBeDefined()
      .then(() => readdirSync(at.folder).find((name) => name.startsWith('registry-rescued'))!);
    await expect.poll(() => at.studio.services.notices.list()[0]!.message).toContain(rescued);
    const copy = openDatabase(join(at.folder, rescued));
    expect(copy.prepare("SELECT value_json FROM settings WHERE key = 'threads'").get()).toEqual({ value_json: '3' });
    copy.close();
  });

  it('and moved away and back: it is well again', async () => {
    const at = await opened();
    await rename(at.file, `${at.file}.away`);
    await expect.poll(() => codes(at), { timeout: 5000 }).toEqual(['REGISTRY-LOST']);
    await rename(`${at.file}.away`, at.file);
    await expect.poll(() => codes(at), { timeout: 5000 }).toEqual([]);
    expect(await at.studio.services.settings.update({ threads: 4 })).toMatchObject({ threads: 4 });
  });

  it.each([
    [
      'replaced by another file',
      async ({ file }: Opened) => {
        await copyFile(file, `${file}.copy`);
        await rename(`${file}.copy`, file);
      },
      'REGISTRY-LOST',
    ],
    ['cut off', async ({ file }: Opened) => truncateSync(file, 1), 'REGISTRY-LOST'],
    ['written over', async ({ file }: Opened) => writeOver(file), 'REGISTRY-BROKEN'],
  ])('and %s: pages are told within seconds', async (_name, spoil, code) => {
    const at = await opened();
    await delay(1500);
    expect(codes(at)).toEqual([]);
    await spoil(at);
    await expect.poll(() => codes(at), { timeout: 5000 }).toContain(code);
  });
});

describe('a registry at the start', () => {
  it.each([0, 1])('of %i bytes beside runs is no new studio: it says so and is left as it is', async (size) => {
    const folder = await testFolder();
    await mkdir(join(folder, 'runs', 'mine'), { recursive: true });
    const file = join(folder, 'registry.sqlite');
    await writeFile(file, 'x'.repeat(size));
    expect(() => openDatabase(file, undefined, 100)).toThrow(
      expect.objectContaining({ code: 'REGISTRY-EMPTY', remedy: expect.stringContaining('move the empty file away') }),
    );
    expect(statSync(file).size).toBe(size);
    // The way on.
    await rename(file, `${file}.empty`);
    openDatabase(file).close();
  });

  it('of no bytes with nothing beside it is a new studio', async () => {
    const file = join(await testFolder(), 'registry.sqlite');
    await writeFile(file, '');
    openDatabase(file).close();
    expect(statSync(file).size).toBeGreaterThan(1000);
  });

  it('with damage in it is told on the page, which still shows what can be read', async () => {
    const folder = join(await testFolder(), 'data');
    const first = openStudio(dataFolder(folder), 'browser');
    await first.services.settings.update({ threads: 3 });
    await first.close();
    const file = join(folder, 'registry.sqlite');
    // The last page: the index of a table that opening has no need of.
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, statSync(file).size - 4096);
    closeSync(handle);
    const studio = openStudio(dataFolder(folder), 'browser');
    onTestFinished(() => studio.close());
    expect(studio.services.notices.list()).toMatchObject([{ code: 'REGISTRY-BROKEN', level: 'problem' }]);
    expect(studio.services.settings.get().threads).toBe(3);
  });

  it('held by another program is told as held, by whom, and is waited for', async () => {
    const folder = join(await testFolder(), 'data');
    const file = join(folder, 'registry.sqlite');
    openDatabase(file).close();
    const lock = await lockRegistry(file, 'EXCLUSIVE');
    expect(() => openDatabase(file, undefined, 100)).toThrow(
      expect.objectContaining({
        code: 'REGISTRY-BUSY',
        message: expect.stringMatching(process.platform === 'linux' ? /\(process \d+, \w+\).*not damaged/ : /not damaged/),
      }),
    );
    const cli = startCli(['runs', '--data', folder]);
    // Not before it waits.
    await once(cli.child.stderr!, 'data');
    await lock.release();
    const { code, stdout, stderr } = await cli.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'No runs yet.\n' });
    expect(stderr).toMatch(/Another program.*holds the registry.*Waiting for it/);
  });
});
