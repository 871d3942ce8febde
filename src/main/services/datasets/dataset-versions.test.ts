import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { readingSchema, rowEditSchema } from '../../../shared/domain/dataset-record.ts';
import { dataFolder } from '../../app/paths.ts';
import { Registry } from '../../registry/registry.ts';
import { DatasetLibrary } from './dataset-library.ts';
import { DatasetVersions } from './dataset-versions.ts';

const pair = (i: number, completion = `c${i}`) => ({ kind: 'prompt-completion' as const, source: i + 1, prompt: `p${i}`, completion });

async function opened(rows: number | readonly string[]) {
  const root = await testFolder();
  const data = dataFolder(join(root, 'data'));
  const context = { data, registry: Registry.open(join(data.root, 'registry.sqlite')), resources: '', host: 'browser' as const, version: '0' };
  const datasets = new DatasetLibrary(context);
  const file = join(root, 'rows.jsonl');
  const lines = typeof rows === 'number' ? Array.from({ length: rows }, (_, i) => JSON.stringify({ prompt: `p${i}`, completion: `c${i}` })) : rows;
  await writeFile(file, lines.join('\n'));
  for await (const update of datasets.import({ kind: 'path', path: file }, null, readingSchema.parse({}), new AbortController().signal)) {
    if (update.kind === 'done')
      return { datasets, versions: new DatasetVersions(context), id: update.dataset.id, first: update.dataset.version, registry: context.registry };
  }
  throw new Error('the import ended without a dataset');
}

const completions = (rows: readonly { readonly row: { readonly kind: string } }[]) =>
  rows.map(({ row }) => ('completion' in row ? row.completion : null));

describe('versions', () => {
  it('stay readable after later ones, page by page', async () => {
    const { datasets, versions, id, first } = await opened(5);
    await datasets.edit(id, { kind: 'replace', key: 3, row: pair(3, 'changed') });
    await datasets.save(id);
    const page = await versions.rows(first.id, 2, 2);
    expect({ ...page, rows: completions(page.rows) }).toEqual({ total: 5, offset: 2, rows: ['c2', 'c3'] });
    expect((await versions.rows(first.id, 5, 2)).rows).toEqual([]);
    await expect(versions.rows('none', 0, 1)).rejects.toMatchObject({ code: 'VERSION-UNKNOWN' });
  });

  it('an earlier one comes back as the newest, and edits that were pending stay as a version', async () => {
    const { datasets, id, first } = await opened(3);
    await datasets.edit(id, { kind: 'delete', keys: [0] });
    const restored = await datasets.restore(first.id);
    expect(restored).toMatchObject({ number: 3, rows: 3, contentHash: first.contentHash });
    expect(await readFile(restored.file, 'utf8')).toBe(await readFile(first.file, 'utf8'));
    expect(completions((await datasets.rows(id, 0, 9)).rows)).toEqual(['c0', 'c1', 'c2']);
    expect(datasets.versions(id).map(({ number, rows }) => [number, rows])).toEqual([
      [3, 3],
      [2, 2],
      [1, 3],
    ]);
    // What is there already is not made again.
    expect(await datasets.restore(first.id)).toMatchObject({ number: 3 });
  });

  it('are compared by content: what changed, came and went', async () => {
    const { datasets, versions, id, first } = await opened(4);
    await datasets.edit(id, { kind: 'replace', key: 1, row: pair(1, 'other') });
    await datasets.edit(id, { kind: 'delete', keys: [0] });
    await datasets.edit(id, { kind: 'add', row: pair(90) });
    const second = await datasets.save(id);
    expect(await versions.compare(first.id, second.id)).toEqual({
      same: 2,
      changed: 1,
      added: 1,
      removed: 1,
      rows: [
        { kind: 'removed', before: pair(0) },
        { kind: 'changed', before: pair(1), after: pair(1, 'other') },
        { kind: 'added', after: pair(90) },
      ],
    });
    expect(await versions.compare(second.id, second.id)).toEqual({ same: 4, changed: 0, added: 0, removed: 0, rows: [] });
  });

  it('counts every copy of a row that is there several times', async () => {
    const { datasets, versions, id, first } = await opened(2);
    await datasets.edit(id, { kind: 'add', row: pair(1) });
    await datasets.edit(id, { kind: 'add', row: pair(1) });
    const second = await datasets.save(id);
    expect(await versions.compare(first.id, second.id)).toMatchObject({ same: 2, added: 2, changed: 0, removed: 0 });
  });

  it('are exported as columns that import again to the same rows', async () => {
    const { versions, first } = await opened(2);
    const chunks: Uint8Array[] = [];
    const { name, number, lines } = versions.exported(first.id, new AbortController().signal);
    for await (const chunk of lines) chunks.push(chunk);
    expect([name, number, Buffer.concat(chunks).toString()]).toEqual([
      'rows',
      1,
      '{"prompt":"p0","completion":"c0"}\n{"prompt":"p1","completion":"c1"}\n',
    ]);
  });

  it('keep numbers and the order of keys through an edit, a version and an export', async () => {
    const row = (word: string) =>
      `{"messages":[{"role":"user","content":"${word}"},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"id":2512292042121000001,"x":1.0,"b":1,"10":-0.0}}}]}],"tools":[{"default":1e5,"2":1,"1":2}]}`;
    const { datasets, versions, id } = await opened([row('a'), row('b')]);
    const [, second] = (await datasets.rows(id, 0, 2)).rows;
    if (second?.row.kind !== 'messages') throw new Error('the row is no conversation');
    const [asked, answer] = second.row.messages;
    const edited = { ...second.row, messages: [{ ...asked!, content: 'c' }, answer!] };
    // As the page sends it.
    await datasets.edit(id, rowEditSchema.parse(JSON.parse(JSON.stringify({ kind: 'replace', key: 1, row: edited }))));
    const saved = await datasets.save(id);
    const chunks: Uint8Array[] = [];
    for await (const chunk of versions.exported(saved.id, new AbortController().signal).lines) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(`${row('a')}\n${row('c')}\n`);
  });

  it('tell which runs were trained on the dataset', async () => {
    const { versions, id, first, registry } = await opened(1);
    const run = (runId: string, status: object) =>
      registry.database
        .prepare(`INSERT INTO runs (id, name, dir, recipe_hash, model_name, model_path, dataset_version_id, dataset_name, device, host, status_json, created_at)
      VALUES (?, ?, ?, 'h', 'm', 'm', ?, 'd', 'cpu', 'studio', ?, '2026')`)
        .run(runId, `Run ${runId}`, runId, first.id, JSON.stringify(status));
    registry.database.prepare("INSERT INTO recipes (hash, recipe_json, created_at) VALUES ('h', '{}', '2026')").run();
    run('a', { kind: 'completed', steps: 3 });
    run('b', { kind: 'stopped', resumeFrom: 2 });
    expect(
      versions
        .dependents(id)
        .runs.map(({ id: runId, versionNumber, resumable }) => [runId, versionNumber, resumable])
        .sort(),
    ).toEqual([
      ['a', 1, false],
      ['b', 1, true],
    ]);
    expect(versions.dependents('none')).toEqual({ runs: [] });
  });
});
