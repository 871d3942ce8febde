import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { expect, it, vi } from 'vitest';
import { testFolder } from '../../../test/support/test-folder.ts';
import { dataFolder } from '../app/paths.ts';
import { closeIdleWorkers, runTask } from '../worker-host/workers.ts';
import { compiledCodeFolder, withCompiledCode } from './compiled-code.ts';

it.each(['linux', 'darwin', 'win32'] as const)('%s: what is run never lies in a data folder, not even in the usual one', (platform) => {
  const folder = compiledCodeFolder(platform, {}, '/home/ada');
  expect(folder.startsWith(dataFolder().root + sep)).toBe(false);
  expect(folder).toMatch(/^\/home\/ada\/.*compiled$/);
});

it('a folder that a person has chosen stays', () => {
  expect(withCompiledCode({ NODE_COMPILE_CACHE: '/mine', A: 'b' })).toEqual({ NODE_COMPILE_CACHE: '/mine', A: 'b' });
});

it('a worker leaves what it has compiled for the next, though it is ended by a signal', async () => {
  const folder = join(await testFolder(), 'compiled');
  vi.stubEnv('NODE_COMPILE_CACHE', folder);
  closeIdleWorkers();
  const file = import.meta.filename;
  await runTask('hash', { file }, { about: file });
  closeIdleWorkers();
  const [version] = await readdir(folder);
  expect((await readdir(join(folder, version!))).length).toBeGreaterThan(10);
  vi.unstubAllEnvs();
});
