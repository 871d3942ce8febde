import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { openInBrowser } from './open-in-browser.ts';

const opened = vi.hoisted(() => vi.fn((_target: string) => ({ once: () => undefined })));
vi.mock('open', () => ({ default: opened }));

it('puts no secret on a command line: what is opened is a file that leads to the address and that the person alone can read', async () => {
  const folder = await testFolder();
  await openInBrowser('http://127.0.0.1:4173/?code=SECRET', folder);
  const [file] = await readdir(folder);
  expect(opened.mock.calls).toEqual([[join(folder, file!)]]);
  expect(file).not.toContain('SECRET');
  expect((await stat(join(folder, file!))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, file!), 'utf8')).toContain('content="0;url=http://127.0.0.1:4173/?code=SECRET"');
});
