import { cp, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseRecipe } from '../../../shared/domain/recipe/parse.ts';
import type { RunStatus } from '../../../shared/domain/run.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { OsLock } from '../../files/os-lock.ts';
import { claimRun, claimRunFolder, claimToRemove, listCheckpoints, openRunFolder, removeRunFolder, writeRecipe, writeRecord } from './run-folder.ts';
import { RunLog } from './run-log.ts';
import { ownerOf } from './run-owner.ts';

const { recipe } = parseRecipe({ model: 'm', dataset: { file: 'd.jsonl' } });
const RUNNING: RunStatus = { kind: 'running', step: 7, totalSteps: 20, resumeFrom: 5 };
/** Above the largest number a process can have on Linux. */
const NOBODY = 2 ** 22 + 1;
let dir: string;

async function record(status: RunStatus, hostPid: number): Promise<void> {
  await writeRecipe(dir, recipe);
  await writeRecord(dir, {
    status: status as Parameters<typeof writeRecord>[1]['status'],
    device: 'cpu',
    threads: null,
    rows: null,
    hostPid,
    enginePid: null,
  });
}

beforeEach(async () => {
  dir = join(await testFolder(), 'run');
});

describe('a run that says it is running', () => {
  it('was interrupted when nobody holds its lock, whatever process has its number and whenever it was written', async () => {
    (await claimRunFolder(dir)).release();
    await record(RUNNING, process.ppid);
    expect(await openRunFolder(dir)).toMatchObject({ cutOffAt: 7, record: { status: { kind: 'interrupted', resumeFrom: 5 } }, recipe });
    const { run, claim } = await claimRun(dir);
    expect(run).toMatchObject({ cutOffAt: 7 });
    claim!.release();
  });

  it('is left alone while its lock is held, however long ago it was written', async () => {
    const claim = await claimRunFolder(dir);
    await record(RUNNING, NOBODY);
    await utimes(join(dir, 'status.json'), new Date(0), new Date(0));
    const active = { code: 'RUN-ACTIVE', message: expect.stringContaining(`process ${process.pid}`) as string };
    await expect(openRunFolder(dir)).rejects.toMatchObject(active);
    await expect(claimRun(dir)).rejects.toMatchObject(active);
    await expect(claimRunFolder(dir)).rejects.toMatchObject(active);
    await expect(claimToRemove(dir)).rejects.toMatchObject(active);
    claim.release();
    expect(await openRunFolder(dir)).toMatchObject({ cutOffAt: 7 });
  });

  it('is left alone while an engine outlives its host', async () => {
    (await claimRunFolder(dir)).release();
    await record(RUNNING, NOBODY);
    const engine = OsLock.tryTake(join(dir, 'engine.lock'))!;
    await expect(claimRun(dir)).rejects.toMatchObject({
      code: 'RUN-ACTIVE',
      message: expect.stringMatching(/engine of a studio or command that has gone/) as string,
    });
    engine.release();
    (await claimRun(dir)).claim!.release();
  });

  it('is free where it was copied to', async () => {
    const claim = await claimRunFolder(dir);
    await record(RUNNING, process.pid);
    await cp(dir, `${dir}-copy`, { recursive: true });
    expect(await openRunFolder(`${dir}-copy`)).toMatchObject({ cutOffAt: 7 });
    claim.release();
  });

  it("is nobody's with a link in the place of its lock, and is not worked on until that is gone", async () => {
    await mkdir(dir, { recursive: true });
    await record(RUNNING, NOBODY);
    await writeFile(join(dir, '..', 'victim'), 'mine');
    await symlink(join(dir, '..', 'victim'), join(dir, 'host.lock'));
    expect(ownerOf(dir)).toBe('unclaimed');
    await expect(claimRun(dir)).rejects.toMatchObject({ code: 'NOT-OURS' });
    await removeRunFolder((await claimToRemove(dir))!);
    expect(await readFile(join(dir, '..', 'victim'), 'utf8')).toBe('mine');
    await expect(readdir(dir)).rejects.toThrow('ENOENT');
  });

  it('has one owner when two go on with it at once', async () => {
    (await claimRunFolder(dir)).release();
    await record(RUNNING, NOBODY);
    const claims = await Promise.allSettled([claimRun(dir), claimRun(dir), claimRun(dir)]);
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of claims) if (each.status === 'fulfilled') each.value.claim!.release();
  });
});

describe('a run of a version without locks', () => {
  beforeEach(async () => {
    await mkdir(dir);
  });

  it('is left alone while its process lives and gives signs of it', async () => {
    await record(RUNNING, process.ppid);
    await expect(claimRun(dir)).rejects.toMatchObject({ code: 'RUN-ACTIVE', message: expect.stringContaining(String(process.ppid)) as string });
    await expect(claimRunFolder(dir)).rejects.toMatchObject({ code: 'RUN-ACTIVE' });
  });

  it('was interrupted when its process is gone', async () => {
    await record(RUNNING, NOBODY);
    expect(await openRunFolder(dir)).toMatchObject({ cutOffAt: 7 });
  });

  it('was interrupted when a process of that number lives but has long been silent', async () => {
    await record(RUNNING, process.ppid);
    await utimes(join(dir, 'status.json'), new Date(0), new Date(0));
    const { run, claim } = await claimRun(dir);
    expect(run).toMatchObject({ cutOffAt: 7 });
    claim!.release();
  });
});

describe('the folder of a new run', () => {
  it('may be one that holds nothing to lose', async () => {
    (await claimRunFolder(dir)).release();
    await record({ kind: 'failed', error: { code: 'X', message: 'x' }, resumeFrom: null }, NOBODY);
    await writeFile(join(dir, 'events.jsonl'), 'old\n');
    const claim = await claimRunFolder(dir);
    expect(claim.dir).toBe(dir);
    claim.release();
    await expect(readFile(join(dir, 'events.jsonl'))).rejects.toThrow('ENOENT');
  });

  it.each(['checkpoint-5', 'adapter'])('is not one with %s in it', async (name) => {
    await mkdir(join(dir, name), { recursive: true });
    await expect(claimRunFolder(dir)).rejects.toMatchObject({ code: 'RUN-EXISTS' });
    // It may be a person's own folder: nothing of ours stays in it.
    expect(await readdir(dir)).toEqual([name]);
  });

  it('is not a file', async () => {
    await writeFile(dir, '');
    await expect(claimRunFolder(dir)).rejects.toMatchObject({ code: 'FILE-WRITE' });
  });
});

it('lists finished checkpoints by number, not by name', async () => {
  for (const name of ['checkpoint-9', 'checkpoint-10', '.checkpoint-11.new', 'checkpoint-x']) await mkdir(join(dir, name), { recursive: true });
  expect((await listCheckpoints(dir)).map(({ step }) => step)).toEqual([9, 10]);
});

it.each([
  ['{"version": 2}', /status\.json cannot be read/],
  ['not json', /status\.json cannot be read/],
  [null, /is not the folder of a run/],
])('status.json with %s is refused in words', async (text, words) => {
  await mkdir(dir);
  if (text !== null) await writeFile(join(dir, 'status.json'), text);
  await expect(openRunFolder(dir)).rejects.toMatchObject({ code: 'RUN-FOLDER', message: expect.stringMatching(words) });
});

it('a line of the log that a crash tore does not swallow the next one', async () => {
  await mkdir(dir);
  await writeFile(join(dir, 'events.jsonl'), '{"kind":"log"}\n{"kind":"st');
  const log = await RunLog.open(dir, { onFailure: (error) => expect.unreachable(String(error)), onFull: () => undefined, onRoom: () => undefined });
  log.append({ kind: 'log', level: 'info', message: 'on' });
  await log.close();
  const lines = (await readFile(join(dir, 'events.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(JSON.parse(lines[2]!)).toMatchObject({ kind: 'log', message: 'on' });
});
