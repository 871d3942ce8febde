import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { testFolder } from '../../../test/support/test-folder.ts';
import { lockHolder, lockState, OsLock } from './os-lock.ts';

let path: string;

beforeEach(async () => {
  path = join(await testFolder(), 'a.lock');
});

/** A process that holds the lock until it is killed. */
async function holder(): Promise<{ readonly pid: number; kill(signal: NodeJS.Signals): void; readonly ended: Promise<unknown> }> {
  const code = `const { OsLock } = await import(${JSON.stringify(new URL('./os-lock.ts', import.meta.url).href)}); console.log(OsLock.tryTake(${JSON.stringify(path)}) !== null); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const [said] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  expect(said.trim()).toBe('true');
  return { pid: child.pid!, kill: (signal) => void child.kill(signal), ended };
}

describe('a lock', () => {
  it('is of one holder, in this process too, and opening its file elsewhere does not lose it', async () => {
    const lock = OsLock.tryTake(path)!;
    expect(OsLock.tryTake(path)).toBeNull();
    await readFile(path);
    expect([lockState(path), lockHolder(path)?.pid]).toEqual(['held', process.pid]);
    lock.release();
    expect(lockState(path)).toBe('free');
    OsLock.tryTake(path)!.release({ remove: true });
    expect(lockState(path)).toBe('none');
    expect(lockState(join(path, 'nowhere', 'b.lock'))).toBe('none');
  });

  it('is held by a process that was stopped, and free when it was killed', async () => {
    const other = await holder();
    other.kill('SIGSTOP');
    expect([lockState(path), OsLock.tryTake(path), lockHolder(path)?.pid]).toEqual(['held', null, other.pid]);
    other.kill('SIGKILL');
    await other.ended;
    expect(lockState(path)).toBe('free');
    OsLock.tryTake(path)!.release();
  });

  it('is not inherited by the processes that its holder starts', async () => {
    const lock = OsLock.tryTake(path)!;
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    lock.release();
    await vi.waitFor(() => expect(lockState(path)).toBe('free'));
    child.kill('SIGKILL');
  });

  it('counts by its file, not by its name: one that was removed and made anew is another one', async () => {
    const first = OsLock.tryTake(path)!;
    await rm(path);
    const second = OsLock.tryTake(path)!;
    expect(lockState(path)).toBe('held');
    first.release();
    expect(lockState(path)).toBe('held');
    second.release();
  });

  it.each(['a link', 'a second name of a file', 'a folder'])('refuses %s in its place and writes nothing there', async (what) => {
    const victim = join(path, '..', 'victim');
    await writeFile(victim, 'mine');
    if (what === 'a link') await symlink(victim, path);
    else if (what === 'a folder') await mkdir(path);
    else await link(victim, path);
    expect(() => OsLock.tryTake(path)).toThrow(what === 'a folder' ? /EISDIR|not the plain file/ : /link/);
    expect(await readFile(victim, 'utf8')).toBe('mine');
    expect((await readdir(join(path, '..'))).sort()).toEqual(['a.lock', 'victim']);
  });
});
