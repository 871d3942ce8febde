import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../../test/support/test-folder.ts';
import { openPrivateRoot } from './private-root.ts';

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

it('a data folder is made for its owner alone', async () => {
  const root = join(await testFolder(), 'share', 'tunesmith');
  expect(openPrivateRoot(root)).toEqual([]);
  expect([await modeOf(root), await modeOf(join(root, '..'))]).toEqual([0o700, 0o700]);
});

it('one that was open is closed, and that is told once', async () => {
  const root = await testFolder();
  await mkdir(join(root, 'datasets'));
  await writeFile(join(root, 'registry.sqlite'), '');
  await chmod(root, 0o755);
  expect([openPrivateRoot(root), await modeOf(root), openPrivateRoot(root)]).toEqual([[root], 0o700, []]);
});

it('one that holds other things keeps its mode, and what is ours in it is closed', async () => {
  const root = await testFolder();
  for (const name of ['datasets', 'photos']) await mkdir(join(root, name));
  await writeFile(join(root, 'registry.sqlite'), '');
  for (const name of ['', 'datasets', 'photos']) await chmod(join(root, name), 0o755);
  await chmod(join(root, 'registry.sqlite'), 0o644);
  expect(openPrivateRoot(root)).toEqual([join(root, 'datasets'), join(root, 'registry.sqlite')]);
  expect([
    await modeOf(root),
    await modeOf(join(root, 'photos')),
    await modeOf(join(root, 'datasets')),
    await modeOf(join(root, 'registry.sqlite')),
  ]).toEqual([0o755, 0o755, 0o700, 0o600]);
});

it('a folder that everybody shares stays shared', async () => {
  const root = await testFolder();
  await chmod(root, 0o1777);
  expect([openPrivateRoot(root), await modeOf(root)]).toEqual([[], 0o777]);
});

it.each(['cache', 'registry.sqlite', 'cache/encoded', 'datasets/library', 'datasets/library/x', 'uploads/x', 'logs/host.log'])(
  'a link in the place of %s is refused',
  async (name) => {
    const root = await testFolder();
    await mkdir(join(root, name, '..'), { recursive: true });
    await symlink('/nowhere', join(root, name));
    expect(() => openPrivateRoot(root)).toThrow(
      expect.objectContaining({ code: 'NOT-OURS', message: expect.stringContaining(join(root, name)) as string }),
    );
  },
);

it("the folder itself may be a person's link", async () => {
  const root = await testFolder();
  await mkdir(join(root, 'big disk'));
  await symlink('big disk', join(root, 'link'));
  openPrivateRoot(join(root, 'link'));
  expect(await modeOf(join(root, 'big disk'))).toBe(0o700);
});
