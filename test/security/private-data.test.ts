/** What a person trains on is theirs alone, whichever command comes first; and what a registry from elsewhere names is not removed. */
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../src/main/registry/database.ts';
import { DatasetsTable } from '../../src/main/registry/datasets-table.ts';
import { parityFixture } from '../support/fixture.ts';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { TestBrowserHost } from '../support/test-browser-host.ts';

const root = tempFolder();
const PREVIEW = [
  'preview',
  '--model',
  parityFixture('models', 'llama-tied'),
  '--dataset',
  parityFixture('datasets', 'messages.jsonl'),
  '--rows',
  '0',
  '--data',
];

/** What others may read, write or enter. */
async function openTo(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  const found = await Promise.all(['', ...names].map(async (name) => [name, (await lstat(join(folder, name))).mode & 0o077] as const));
  return found.filter(([, mode]) => mode !== 0).map(([name]) => name);
}

it('a command that imports first makes a data folder for its owner alone', async () => {
  const data = join(root, 'share', 'tunesmith');
  expect(await runCli(...PREVIEW, data)).toMatchObject({ code: 0 });
  expect((await readdir(data)).length).toBeGreaterThan(0);
  expect(await openTo(join(root, 'share'))).toEqual([]);
  expect(await runCli('runs', '--data', data)).toMatchObject({ code: 0 });
  expect(await readdir(data)).toContain('registry.sqlite');
  expect(await openTo(data)).toEqual([]);
});

it('a data folder that was open is closed, and that is said once', async () => {
  const data = join(root, 'open');
  await mkdir(join(data, 'datasets'), { recursive: true });
  for (const path of [data, join(data, 'datasets')]) await chmod(path, 0o755);
  const first = await runCli(...PREVIEW, data);
  expect(first.stderr).toMatch(/Other users of this machine could read .*open\. Now only you can\./);
  expect((await stat(data)).mode & 0o777).toBe(0o700);
  expect((await runCli(...PREVIEW, data)).stderr).not.toMatch(/Other users/);
});

it('a data folder with a link among its names is refused before anything is written', async () => {
  const [data, victim] = [join(root, 'strange'), join(root, 'victim')];
  await mkdir(data);
  await mkdir(victim);
  await symlink(victim, join(data, 'datasets'));
  const { code, stderr } = await runCli(...PREVIEW, data);
  expect([code, stderr]).toEqual([1, expect.stringContaining(`${join(data, 'datasets')} is a link`)]);
  expect([await readdir(victim), await readdir(data)]).toEqual([[], ['datasets']]);
});

it('a dataset whose id or file leads out of the data folder takes nothing along', async () => {
  const host = await TestBrowserHost.start();
  const home = join(host.root, 'home');
  await mkdir(home);
  await writeFile(join(home, 'letter'), 'dear');
  const data = join(host.root, 'data');
  const database = openDatabase(join(data, 'registry.sqlite'));
  onTestFinished(() => void database.close());
  const table = new DatasetsTable(database);
  const now = new Date().toISOString();
  const add = (id: string, file: string | null) =>
    table.insert(
      { id, name: id, source_name: 'x', source_file: file, origin: null, created_at: now, updated_at: now },
      {
        id: `${id}-v1`,
        dataset_id: id,
        number: 1,
        format: 'text',
        file: join(home, 'letter'),
        rows: 1,
        bad_rows: 0,
        bad_rows_file: null,
        bad_row_samples_json: '[]',
        notices_json: '[]',
        findings_json: '[]',
        content_hash: 'x',
        created_at: now,
      },
    );
  add('../../../home', null);
  add('plain', join(data, 'uploads', '..', '..', 'home', 'letter'));
  await host.studio.services.datasets.remove('../../../home').catch((error: unknown) => expect(error).toMatchObject({ code: 'NOT-OURS' }));
  await host.studio.services.datasets.remove('plain');
  expect(await readFile(join(home, 'letter'), 'utf8')).toBe('dear');
});
