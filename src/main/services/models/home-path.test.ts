import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listFolder } from '../machine/folder-listing.ts';
import { typedPath } from './home-path.ts';

it.each([
  ['~', homedir()],
  ['~/models/a', join(homedir(), 'models', 'a')],
  ['  /a b/c ', '/a b/c'],
  ['"/a b/c"', '/a b/c'],
  ['/~/x', '/~/x'],
  ['~other/x', '~other/x'],
  ['', ''],
])('reads %j as a shell would', (typed, path) => {
  expect(typedPath(typed)).toBe(path);
});

it('is what a folder is listed by', async () => {
  expect((await listFolder('~')).path).toBe(homedir());
});
