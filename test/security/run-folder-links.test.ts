/** The folder of a run from a stranger: with a link at any name of ours, nobody who uses it writes or removes a byte outside of it. */
import { cp, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportOutcome } from '../../src/main/services/runs/exports.ts';
import { claimRunFolder, openRunFolder, writeRecipe, writeRecord } from '../../src/main/services/runs/run-folder.ts';
import { resumeRun } from '../../src/main/services/runs/runs.ts';
import type { DataFolder } from '../../src/shared/domain/data-folder.ts';
import { finishJob, trainJob } from '../support/engine-job.ts';
import { PLANTED_LINKS } from '../support/own-links.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { TestBrowserHost } from '../support/test-browser-host.ts';

const root = tempFolder();
const data: DataFolder = {
  root: join(root, 'data'),
  datasets: join(root, 'data/datasets'),
  runs: join(root, 'data/runs'),
  cache: join(root, 'cache'),
};
const victim = { file: join(root, 'home', '.bashrc'), folder: join(root, 'home', 'adapters') };
const GOOD = join(root, 'good');

/** Every path below a folder, with what it holds or leads to. */
async function contentsOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    await Promise.all(
      entries.map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path, entry.isSymbolicLink() ? await readlink(path) : entry.isFile() ? await readFile(path, 'base64') : 'folder'] as const;
      }),
    ),
  );
}

/** A stopped run after its four steps, as its folder lies there. */
beforeAll(async () => {
  const job = await trainJob(root, 'good', { recipe: { max_steps: 4, save_steps: 4 } });
  await finishJob(job);
  await writeRecipe(GOOD, job.recipe);
  await writeRecord(GOOD, { status: { kind: 'stopped', resumeFrom: 4 }, device: 'cpu', threads: 1, rows: job.rows, hostPid: 1, enginePid: null });
  await writeFile(join(GOOD, 'events.jsonl'), '{"kind":"log"}\n');
  await mkdir(victim.folder, { recursive: true });
  await writeFile(victim.file, 'alias ll=ls\n');
  await writeFile(join(victim.folder, 'adapter_config.json'), '{}');
  await writeFile(join(victim.folder, 'trainer_state.json'), '{}');
}, 300_000);

describe.each(PLANTED_LINKS)('$name', ({ name, path, plant }) => {
  const planted = async (use: string) => {
    const run = join(root, `${use} ${name.replaceAll('/', '_')}`);
    await cp(GOOD, run, { recursive: true });
    await plant(run, victim);
    return run;
  };

  it('is refused by name, and nothing is written, in the run or elsewhere', async () => {
    const run = await planted('used');
    const [home, before] = [await contentsOf(join(root, 'home')), await contentsOf(run)];
    const refused = { code: 'NOT-OURS', message: expect.stringContaining(join(run, path)) as string, remedy: expect.any(String) as string };
    // All are asked before one is judged: a run that goes on has written by then.
    const ends = await Promise.allSettled([
      resumeRun(run, 'cpu', data, () => undefined).ended,
      exportOutcome({ runDir: run, checkpoint: null, outDir: join(root, 'out') }),
      openRunFolder(run),
      claimRunFolder(run),
    ]);
    expect(await contentsOf(join(root, 'home'))).toEqual(home);
    expect(await contentsOf(run)).toEqual(before);
    for (const end of ends) expect(end).toEqual({ status: 'rejected', reason: expect.objectContaining(refused) as unknown });
  });
});

it('a run that is removed takes its links along, not what they lead to; what is not ours stays', async () => {
  const host = await TestBrowserHost.start();
  const { services } = host.studio;
  const home = await contentsOf(join(root, 'home'));
  for (const { name, path, plant } of PLANTED_LINKS) {
    const run = join(root, `removed ${name.replaceAll('/', '_')}`);
    await cp(GOOD, run, { recursive: true });
    await plant(run, victim);
    await symlink(victim.folder, join(run, 'my notes'));
    const { recipe } = await openRunFolder(GOOD);
    const ledger = services.runs.ledgerForCommand(recipe, run);
    ledger.register({ dir: run, recipe, device: 'cpu', threads: 1, status: { kind: 'stopped', resumeFrom: 4 } });
    await services.runs.remove(ledger.id);
    expect(services.runs.list().map(({ id }) => id)).not.toContain(ledger.id);
    expect(await contentsOf(join(root, 'home')), name).toEqual(home);
    // Without a status of its own a folder does not say that it is a run's, and is left as it is.
    if (path !== 'status.json') expect(await readdir(run), name).toEqual(['my notes']);
    expect((await lstat(join(run, 'my notes'))).isSymbolicLink()).toBe(true);
  }
});

it('an export does not end inside its run by way of a link', async () => {
  const link = join(root, 'way in');
  await symlink(GOOD, link);
  const before = await contentsOf(GOOD);
  await expect(exportOutcome({ runDir: GOOD, checkpoint: 4, outDir: join(link, 'exported') })).rejects.toMatchObject({ code: 'EXPORT-PLACE' });
  expect(await contentsOf(GOOD)).toEqual(before);
});

it("an export follows a person's own link to a folder, and replaces links among the files", async () => {
  const [real, link] = [join(root, 'big disk'), join(root, 'my link')];
  await mkdir(real);
  await symlink(real, link);
  await symlink(victim.file, join(real, 'adapter_config.json'));
  const home = await contentsOf(join(root, 'home'));
  await exportOutcome({ runDir: GOOD, checkpoint: 4, outDir: link });
  expect((await readdir(real)).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
  expect((await lstat(join(real, 'adapter_config.json'))).isFile()).toBe(true);
  expect(await contentsOf(join(root, 'home'))).toEqual(home);
});
