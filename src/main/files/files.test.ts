import { link, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../../../test/support/test-folder.ts';
import { isInside, makeFolder, makeOwnFolder, remove, removeInside, touch } from './folders.ts';
import { AtomicFile } from './line-file.ts';
import { openForAppend, openOwnFile, targetOfTemporary, temporaryBeside } from './open-file.ts';
import { assertOwnEntries } from './own-folder.ts';
import { copyFileAtomically, writeFileAtomically, writeTextSync } from './write-file.ts';

/** A folder of ours and a stranger's file that must stay as it is. */
async function places(): Promise<{ readonly ours: string; readonly victim: string; readonly untouched: () => Promise<void> }> {
  const root = await testFolder();
  const [ours, elsewhere] = [join(root, 'ours'), join(root, 'elsewhere')];
  await mkdir(ours);
  await mkdir(elsewhere);
  const victim = join(elsewhere, 'victim');
  await writeFile(victim, 'precious');
  return {
    ours,
    victim,
    untouched: async () => expect([await readFile(victim, 'utf8'), await readdir(elsewhere)]).toEqual(['precious', ['victim']]),
  };
}

const WRITERS: Readonly<Record<string, (path: string) => Promise<void>>> = {
  writeFileAtomically: async (path) => void (await writeFileAtomically(path, (write) => write(Buffer.from('new')))),
  writeTextSync: async (path) => writeTextSync(path, 'new'),
  copyFileAtomically: async (path) => {
    await writeFile(`${path}.source`, 'new');
    await copyFileAtomically(`${path}.source`, path);
  },
  AtomicFile: async (path) => {
    const file = await AtomicFile.create(path);
    await file.writeLine('new');
    await file.seal();
    await file.commit();
  },
};

describe.each(Object.entries(WRITERS))('%s', (_name, write) => {
  it('replaces a link, and leaves what it leads to', async () => {
    const { ours, victim, untouched } = await places();
    await symlink(victim, join(ours, 'file'));
    await write(join(ours, 'file'));
    await untouched();
    expect([(await lstat(join(ours, 'file'))).isFile(), await readFile(join(ours, 'file'), 'utf8')]).toEqual([true, expect.stringMatching(/^new/)]);
  });

  it('makes a file for its owner alone, and leaves no other', async () => {
    const { ours } = await places();
    await write(join(ours, 'file'));
    expect((await stat(join(ours, 'file'))).mode & 0o777).toBe(0o600);
    expect((await readdir(ours)).filter((name) => name !== 'file.source')).toEqual(['file']);
  });
});

describe('a file that is opened', () => {
  it.each(['link', 'dangling link', 'hard link', 'folder'])('%s: refused for appending', async (kind) => {
    const { ours, victim, untouched } = await places();
    const path = join(ours, 'log');
    if (kind === 'link') await symlink(victim, path);
    if (kind === 'dangling link') await symlink(`${victim}-not-there`, path);
    if (kind === 'hard link') await link(victim, path);
    if (kind === 'folder') await mkdir(path);
    await expect(openForAppend(path)).rejects.toMatchObject(
      kind === 'folder'
        ? { code: 'EISDIR' }
        : { code: 'NOT-OURS', message: expect.stringContaining(path) as string, remedy: expect.any(String) as string },
    );
    await untouched();
  });

  it('goes on where it ended, and is made for its owner alone', async () => {
    const path = join((await places()).ours, 'log');
    for (const text of ['a', 'b']) {
      const file = await openForAppend(path);
      await file.appendFile(text);
      await file.close();
    }
    expect([await readFile(path, 'utf8'), (await stat(path)).mode & 0o777]).toEqual(['ab', 0o600]);
  });

  it('for reading: no link', async () => {
    const { ours, victim } = await places();
    await symlink(victim, join(ours, 'state'));
    await expect(openOwnFile(join(ours, 'state'))).rejects.toMatchObject({ code: 'NOT-OURS' });
  });
});

it('temporary names cannot be guessed, and tell what they were to become', () => {
  expect(temporaryBeside('/x/status.json')).not.toBe(temporaryBeside('/x/status.json'));
  expect(targetOfTemporary(temporaryBeside('/x/status.json').slice(3))).toBe('status.json');
  expect(['status.json', '.status.json.tmp', `.status.json.${'g'.repeat(24)}.tmp`].map(targetOfTemporary)).toEqual([null, null, null]);
});

describe('folders', () => {
  it('are made for their owner alone, those above too', async () => {
    const { ours } = await places();
    await makeFolder(join(ours, 'a', 'b'));
    expect([(await stat(join(ours, 'a'))).mode & 0o777, (await stat(join(ours, 'a', 'b'))).mode & 0o777]).toEqual([0o700, 0o700]);
  });

  it('inside ours are no links', async () => {
    const { ours, victim } = await places();
    await symlink(join(victim, '..'), join(ours, 'adapter'));
    await expect(makeOwnFolder(join(ours, 'adapter'))).rejects.toMatchObject({
      code: 'NOT-OURS',
      message: expect.stringContaining('adapter is a link') as string,
    });
  });

  it('are removed with the links in them, not with what those lead to', async () => {
    const { ours, victim, untouched } = await places();
    await mkdir(join(ours, 'run'));
    await symlink(join(victim, '..'), join(ours, 'run', 'folder'));
    await symlink(victim, join(ours, 'run', 'file'));
    await remove(join(ours, 'run'));
    expect(await readdir(ours)).toEqual([]);
    await untouched();
  });

  it('are removed only where they lie inside, by name and by links on the way', async () => {
    const { ours, victim, untouched } = await places();
    await symlink(join(victim, '..'), join(ours, 'way'));
    for (const path of ['../elsewhere', '', '.', '..', 'way/victim'])
      await expect(removeInside(ours, join(ours, path)), path).rejects.toMatchObject({ code: 'NOT-OURS' });
    await untouched();
    await removeInside(ours, join(ours, 'way'));
    await untouched();
    expect([isInside('/a', '/a/..b'), isInside('/a', '/ab'), isInside('/a', '/a/b/../..')]).toEqual([true, false, false]);
  });

  it('a touched link leaves the times of what it leads to', async () => {
    const { ours, victim } = await places();
    await symlink(victim, join(ours, 'link'));
    const { mtimeMs } = await stat(victim);
    await new Promise((resolve) => void setTimeout(resolve, 20));
    await touch(join(ours, 'link'));
    expect((await stat(victim)).mtimeMs).toBe(mtimeMs);
  });
});

describe('names of ours', () => {
  const KINDS = new Map([
    ['status.json', 'file'],
    ['events.jsonl', 'appended'],
    ['adapter', 'folder'],
  ] as const);
  const kindOf = (name: string) => KINDS.get(name as 'adapter') ?? null;

  it.each([
    ['a link to a file', 'status.json', (path: string, victim: string) => symlink(victim, path)],
    ['a dangling link', 'status.json', (path: string) => symlink('nowhere', path)],
    ['a hard link to what is appended to', 'events.jsonl', (path: string, victim: string) => link(victim, path)],
    ['a folder in place of a file', 'status.json', (path: string) => mkdir(path)],
    ['a file in place of a folder', 'adapter', (path: string) => writeFile(path, '')],
    ['a link to a folder', 'adapter', (path: string, victim: string) => symlink(join(victim, '..'), path)],
    [
      'a link inside',
      'adapter/x',
      async (path: string, victim: string) => {
        await mkdir(join(path, '..'));
        await symlink(victim, path);
      },
    ],
    [
      'a link deep inside',
      'adapter/x/y',
      async (path: string, victim: string) => {
        await mkdir(join(path, '..'), { recursive: true });
        await symlink(victim, path);
      },
    ],
  ])('%s is refused by name', async (_what, name, make) => {
    const { ours, victim } = await places();
    await make(join(ours, name), victim);
    await expect(assertOwnEntries(ours, kindOf)).rejects.toMatchObject({
      code: 'NOT-OURS',
      message: expect.stringContaining(join(ours, name)) as string,
    });
  });

  it("stand beside names that are not, whatever those are, and behind a person's own link", async () => {
    const { ours, victim } = await places();
    await symlink(victim, join(ours, 'notes'));
    await writeFile(join(ours, 'status.json'), '');
    // A copy of a backup program: what is replaced as a whole may have a second name.
    await link(join(ours, 'status.json'), join(ours, 'backup'));
    await mkdir(join(ours, 'adapter', 'deep'), { recursive: true });
    await symlink(ours, `${ours}-link`);
    await assertOwnEntries(`${ours}-link`, kindOf);
    await assertOwnEntries(join(ours, 'not there'), kindOf);
  });
});
