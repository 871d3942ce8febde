import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { DeviceReport } from '../../../shared/domain/device.ts';
import type { AppError } from '../../../shared/lib/app-error.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { dataFolder } from '../../app/paths.ts';
import { Registry } from '../../registry/registry.ts';
import type { ServiceContext } from '../context.ts';
import { listFolder } from './folder-listing.ts';
import { hubCache, MachineFacts } from './machine-facts.ts';

async function context(): Promise<ServiceContext> {
  const data = dataFolder(await testFolder());
  const registry = Registry.open(join(data.root, 'registry.sqlite'));
  onTestFinished(() => registry.close());
  return { data, registry, resources: '', host: 'browser', version: '1.2.3' };
}

it('tells what the machine is', async () => {
  const each = await context();
  const info = await new MachineFacts(each).info();
  expect(info).toMatchObject({ version: '1.2.3', host: 'browser', dataFolder: each.data.root });
  for (const number of [info.cpu.cores, info.memoryBytes, info.freeMemoryBytes, info.freeDiskBytes]) expect(number).toBeGreaterThan(0);
});

it('asks one engine for all who ask at once, again on refresh, and does not remember a failure', async () => {
  const answers: (() => Promise<readonly DeviceReport[]>)[] = [
    () => Promise.reject(new Error('engine lost')),
    () => Promise.resolve([{ device: 'cpu', available: true, description: 'one', computeDTypes: ['f32'] }]),
    () => Promise.resolve([]),
  ];
  let asked = 0;
  const machine = new MachineFacts(await context(), () => answers[asked++]!());
  await expect(Promise.all([machine.devices(false), machine.devices(false)])).rejects.toThrow('engine lost');
  expect(asked).toBe(1);
  const [first, second] = await Promise.all([machine.devices(false), machine.devices(false)]);
  expect([first, asked]).toEqual([[expect.objectContaining({ description: 'one' })], 2]);
  expect(second).toBe(first);
  expect([await machine.devices(true), await machine.devices(false), asked]).toEqual([[], [], 3]);
});

it('lists one level of a folder: folders first, model folders marked, hidden and broken entries left out', async () => {
  const folder = await testFolder();
  await mkdir(join(folder, 'model'));
  await writeFile(join(folder, 'model', 'config.json'), '{}');
  await mkdir(join(folder, 'a10'));
  await mkdir(join(folder, 'a9'));
  await mkdir(join(folder, '.hidden'));
  await writeFile(join(folder, 'rows.csv'), 'abc');
  await symlink(join(folder, 'nowhere'), join(folder, 'dangling'));
  const { entries, path, parent, truncated } = await listFolder(join(folder, 'model', '..'));
  expect([path, parent, truncated]).toEqual([folder, join(folder, '..'), false]);
  expect(entries.map(({ name, kind, isModel, bytes }) => [name, kind, isModel, bytes])).toEqual([
    ['a9', 'folder', false, null],
    ['a10', 'folder', false, null],
    ['model', 'folder', true, null],
    ['rows.csv', 'file', false, 3],
  ]);
});

it('stops at 2000 entries and says so', async () => {
  const folder = await testFolder();
  await Promise.all(Array.from({ length: 2001 }, (_, number) => writeFile(join(folder, `f${number}`), '')));
  const { entries, truncated } = await listFolder(folder);
  expect([entries.length, truncated]).toEqual([2000, true]);
});

it('says why a folder cannot be listed', async () => {
  const folder = await testFolder();
  await writeFile(join(folder, 'file'), '');
  for (const [path, why] of [
    [join(folder, 'none'), 'no such folder'],
    [join(folder, 'file'), 'not a folder'],
    ['relative', 'begin at the root'],
    [`${folder}\0`, 'begin at the root'],
  ] as const) {
    const error = await listFolder(path).then(
      () => null,
      (thrown: unknown) => thrown as AppError,
    );
    expect([error?.code, error?.message.includes(why)], path).toEqual(['FOLDER-LIST', true]);
  }
  expect((await new MachineFacts(await context()).listFolder(null)).path).toBe(homedir());
});

it('finds the cache of Hugging Face by its variables', () => {
  expect(hubCache({}, 'home')).toBe(join('home', '.cache', 'huggingface', 'hub'));
  expect(hubCache({ XDG_CACHE_HOME: 'cache' }, 'home')).toBe(join('cache', 'huggingface', 'hub'));
  expect(hubCache({ HF_HOME: 'hf', XDG_CACHE_HOME: 'cache' }, 'home')).toBe(join('hf', 'hub'));
  expect(hubCache({ HF_HUB_CACHE: 'here', HF_HOME: 'hf' }, 'home')).toBe('here');
});
