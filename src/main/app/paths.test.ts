import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dataFolder, platformFolder } from './paths.ts';

it('follows the conventions of each platform', () => {
  expect(platformFolder('linux', {}, '/home/a')).toBe(join('/home/a', '.local', 'share', 'tunesmith'));
  expect(platformFolder('linux', { XDG_DATA_HOME: '/data' }, '/home/a')).toBe(join('/data', 'tunesmith'));
  // The convention asks to treat an empty variable as one that is not set.
  expect(platformFolder('linux', { XDG_DATA_HOME: '' }, '/home/a')).toBe(join('/home/a', '.local', 'share', 'tunesmith'));
  expect(platformFolder('darwin', {}, '/Users/a')).toBe(join('/Users/a', 'Library', 'Application Support', 'Tunesmith'));
  expect(platformFolder('win32', { LOCALAPPDATA: 'L' }, 'H')).toBe(join('L', 'Tunesmith'));
});

it('keeps everything in the folder asked for', () => {
  const folder = dataFolder('somewhere');
  for (const part of [folder.datasets, folder.runs, folder.cache]) expect(part.startsWith(folder.root)).toBe(true);
  expect(folder.root).toBe(join(process.cwd(), 'somewhere'));
});
