import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testFolder } from '../../../test/support/test-folder.ts';
import { type Database, openDatabase, versionOf } from './database.ts';
import { MetricsTable } from './metrics-table.ts';
import { MIGRATIONS } from './migrations/all.ts';
import type { Migration } from './migrations/migration.ts';

const newFile = async () => join(await testFolder(), 'data', 'registry.sqlite');

function opened(file: string, migrations?: readonly Migration[]): Database {
  const database = openDatabase(file, migrations);
  onTestFinished(() => void database.close());
  return database;
}

interface Table {
  readonly name: string;
  readonly strict: 0 | 1;
}

const tablesOf = (database: Database) =>
  (database.pragma('table_list') as readonly (Table & { readonly schema: string })[]).filter(
    ({ schema, name }) => schema === 'main' && !name.startsWith('sqlite_'),
  );

describe('a new registry', () => {
  it('has the first schema: typed tables, references that hold, readers beside a writer', async () => {
    const database = opened(await newFile(), MIGRATIONS.slice(0, 1));
    expect(versionOf(database)).toBe(1);
    const tables = tablesOf(database);
    expect(tables.map(({ name }) => name).sort()).toEqual([
      'checkpoints',
      'dataset_edits',
      'dataset_versions',
      'datasets',
      'generations',
      'log_lines',
      'metrics',
      'models',
      'recipes',
      'runs',
      'settings',
    ]);
    // A text in a number's column would come back as a text.
    expect(tables.filter(({ strict }) => strict === 0)).toEqual([]);
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(() => database.exec("INSERT INTO checkpoints VALUES ('no run', 1, '/x', '')")).toThrow(/FOREIGN KEY/);
  });

  it('is made once when many processes open it at the same time', async () => {
    const file = await newFile();
    const script = `import { openDatabase, versionOf } from ${JSON.stringify(new URL('database.ts', import.meta.url).href)};
      process.stdout.write('ready');
      process.stdin.once('data', () => {
        const database = openDatabase(${JSON.stringify(file)});
        database.prepare('INSERT INTO settings VALUES (?, ?)').run(String(process.pid), '1');
        process.stdout.write(String(versionOf(database)));
        database.close();
        process.exit(0);
      });`;
    const children = [1, 2, 3].map(() => spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: 'pipe' }));
    const ends = children.map((child) => {
      let [out, errors] = ['', ''];
      child.stdout.on('data', (text) => (out += String(text)));
      child.stderr.on('data', (text) => (errors += String(text)));
      return new Promise<string>((resolve) => child.on('close', () => resolve(out + errors)));
    });
    // All are loaded before the first begins, so that they do meet.
    await Promise.all(children.map((child) => new Promise((resolve) => child.stdout.once('data', resolve))));
    for (const child of children) child.stdin.write('go');
    const current = `ready${MIGRATIONS.length}`;
    expect(await Promise.all(ends)).toEqual([current, current, current]);
    expect(opened(file).prepare('SELECT count(*) AS n FROM settings').get()).toEqual({ n: 3 });
  });
});

describe('a registry that cannot be used', () => {
  it('of a newer program is refused and left as it was', async () => {
    const file = await newFile();
    const newer = openDatabase(file);
    newer.pragma(`user_version = ${MIGRATIONS.length + 1}`);
    newer.close();
    const refused = expect.objectContaining({
      code: 'REGISTRY-NEWER',
      data: { file, version: MIGRATIONS.length + 1, newest: MIGRATIONS.length },
      remedy: expect.stringContaining('--data'),
    });
    expect(() => openDatabase(file)).toThrow(refused);
    expect(() => openDatabase(file)).toThrow(refused);
  });

  it('is no database', async () => {
    const file = join(await testFolder(), 'registry.sqlite');
    await writeFile(file, 'This is a letter, and a long one: '.repeat(100));
    expect(() => openDatabase(file)).toThrow(
      expect.objectContaining({
        code: 'REGISTRY-BROKEN',
        message: expect.stringContaining(file),
        remedy: expect.stringContaining('tunesmith resume'),
      }),
    );
  });

  it.each([
    ['below a file', async (root: string) => writeFile(join(root, 'data'), '')],
    ['where a folder has its name', async (root: string) => mkdir(join(root, 'data', 'registry.sqlite'), { recursive: true })],
  ])('lies %s', async (_name, spoil) => {
    const root = await testFolder();
    await spoil(root);
    expect(() => openDatabase(join(root, 'data', 'registry.sqlite'))).toThrow(
      expect.objectContaining({ code: 'REGISTRY-BROKEN', data: { file: join(root, 'data', 'registry.sqlite') } }),
    );
  });
});

/** What later migrations are tested by: a made-up one after the first. */
const SECOND: Migration = {
  version: 2,
  name: 'labels',
  sql: "ALTER TABLE settings ADD COLUMN label TEXT NOT NULL DEFAULT 'none'; UPDATE settings SET label = 'old';",
};

describe('a later migration', () => {
  it('keeps what the version before held', async () => {
    const file = await newFile();
    const before = openDatabase(file, MIGRATIONS.slice(0, 1));
    before.exec(`INSERT INTO settings VALUES ('device', '"cpu"');
      INSERT INTO recipes VALUES ('h', '{}', 't');
      INSERT INTO runs (id, name, dir, recipe_hash, model_name, model_path, dataset_name, device, host, status_json, created_at) VALUES ('r', 'n', '/r', 'h', 'm', '/m', 'd', 'cpu', 'cli', '{}', 't');
      INSERT INTO metrics VALUES ('r', 1, 0.5, 2.5, 1, 0.1, 10, 5, 0.1, 0.1)`);
    before.close();
    const after = opened(file, [MIGRATIONS[0]!, SECOND]);
    expect(versionOf(after)).toBe(2);
    expect(after.prepare('SELECT * FROM settings').all()).toEqual([{ key: 'device', value_json: '"cpu"', label: 'old' }]);
    expect(after.prepare('SELECT runs.name, loss FROM runs JOIN metrics ON run_id = id').all()).toEqual([{ name: 'n', loss: 2.5 }]);
    expect(after.pragma('foreign_key_check')).toEqual([]);
  });

  it('3 gives runs of before empty notes and no origin, and takes both', async () => {
    const file = await newFile();
    const before = openDatabase(file, MIGRATIONS.slice(0, 2));
    before.exec(`INSERT INTO recipes VALUES ('h', '{}', 't');
      INSERT INTO runs (id, name, dir, recipe_hash, model_name, model_path, dataset_name, device, host, status_json, created_at) VALUES ('r', 'n', '/r', 'h', 'm', '/m', 'd', 'cpu', 'cli', '{}', 't')`);
    before.close();
    const after = opened(file, MIGRATIONS.slice(0, 3));
    expect(after.prepare('SELECT name, notes, origin FROM runs').all()).toEqual([{ name: 'n', notes: '', origin: null }]);
    after.exec("UPDATE runs SET notes = 'rank 4 was enough', origin = 'tour'");
    expect(() => after.exec("UPDATE runs SET origin = 'somebody'")).toThrow(/CHECK/);
  });

  it('4 keeps every point of before, to the last digit, and takes points of any metric', async () => {
    const file = await newFile();
    const before = openDatabase(file, MIGRATIONS.slice(0, 3));
    before.exec(`INSERT INTO recipes VALUES ('h', '{}', 't');
      INSERT INTO runs (id, name, dir, recipe_hash, model_name, model_path, dataset_name, device, host, status_json, created_at) VALUES ('r', 'n', '/r', 'h', 'm', '/m', 'd', 'cpu', 'cli', '{}', 't')`);
    const rows = [1, 2, 3].map((step) => ({
      step,
      epoch: step / 3,
      loss: Math.E / step,
      grad_norm: 1,
      learning_rate: 2e-4 / 3 ** step,
      num_tokens: 2 ** 40 + step,
      target_tokens: 5,
      seconds: 0.1 + 0.2,
      elapsed_seconds: 1e9 / 7,
    }));
    const put = before.prepare('INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    for (const row of rows) put.run('r', ...Object.values(row));
    before.close();
    const after = opened(file, MIGRATIONS.slice(0, 4));
    expect(new MetricsTable(after).after('r', 0, 10)).toEqual(rows.map(({ step, ...values }) => ({ step, values })));
    after.prepare('INSERT INTO metrics VALUES (?, ?, ?)').run('r', 4, '{"eval_loss":1}');
    expect(() => after.prepare('INSERT INTO metrics VALUES (?, ?, ?)').run('r', 5, '[1]')).toThrow(/CHECK/);
    after.exec("DELETE FROM runs WHERE id = 'r'");
    expect(new MetricsTable(after).after('r', 0, 10)).toEqual([]);
  });

  it('that fails half-way leaves the version before, whole', async () => {
    const file = await newFile();
    openDatabase(file, MIGRATIONS.slice(0, 1)).close();
    const torn = { ...SECOND, sql: `${SECOND.sql} INSERT INTO nowhere VALUES (1);` };
    expect(() => openDatabase(file, [MIGRATIONS[0]!, torn])).toThrow(
      expect.objectContaining({ code: 'REGISTRY-BROKEN', message: expect.stringContaining('nowhere') }),
    );
    const database = opened(file, MIGRATIONS.slice(0, 1));
    expect(versionOf(database)).toBe(1);
    expect(
      database
        .prepare('SELECT * FROM settings')
        .columns()
        .map(({ name }) => name),
    ).toEqual(['key', 'value_json']);
  });

  it('is listed in order, each with the next number', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
  });
});
