import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../../../../test/support/test-folder.ts';
import type { DatasetSummary, Reading } from '../../../shared/domain/dataset-record.ts';
import { dataFolder } from '../../app/paths.ts';
import { claimWork } from '../../files/work-lock.ts';
import { Registry } from '../../registry/registry.ts';
import { DatasetLibrary } from './dataset-library.ts';

const AUTO: Reading = { format: 'auto', mapping: null, pairs: 'chat', encoding: 'auto' };
const never = new AbortController().signal;

async function library(folder?: string) {
  const root = folder ?? (await testFolder());
  const data = dataFolder(join(root, 'data'));
  const registry = Registry.open(join(data.root, 'registry.sqlite'));
  return { root, data, registry, datasets: new DatasetLibrary({ data, registry, resources: '', host: 'browser', version: '0' }) };
}

async function imported(datasets: DatasetLibrary, file: string, reading = AUTO): Promise<DatasetSummary> {
  for await (const update of datasets.import({ kind: 'path', path: file }, null, reading, never)) if (update.kind === 'done') return update.dataset;
  throw new Error('the import ended without a dataset');
}

async function* chunks(...texts: readonly string[]) {
  for (const text of texts) yield Buffer.from(text);
}

const pair = (i: number) => JSON.stringify({ prompt: `p${i}`, completion: `c${i}` });
const textOf = async (datasets: DatasetLibrary, id: string) =>
  (await datasets.rows(id, 0, 500)).rows.map(({ row }) => (row.kind === 'prompt-completion' ? row.completion : row.kind));

describe('a dataset', () => {
  it('takes rows in that its import set aside, once they are mended, and keeps what was found', async () => {
    const { root, datasets } = await library();
    const file = join(root, 'rows.jsonl');
    await writeFile(file, [pair(0), '{"prompt":"p1","completion":"c1",}', pair(0), '{"prompt":"p2","completion":""}'].join('\n'));
    const { id, version } = await imported(datasets, file);
    expect(version.findings.map(({ code, rows }) => [code, rows?.count])).toEqual([
      ['SET-ASIDE', 2],
      ['DUPLICATE', 1],
    ]);
    expect(datasets.get(id).version).toEqual(version);
    const { rows } = await datasets.badRows(id, 0, 10);
    expect(rows.map(({ source, text }) => [source, text])).toEqual([
      [2, '{"prompt":"p1","completion":"c1",}'],
      [4, '{"prompt":"p2","completion":""}'],
    ]);
    const result = await datasets.mend(id, [
      { source: 2, text: pair(1) },
      { source: 4, text: rows[1]!.text! },
    ]);
    expect(result).toEqual({
      taken: 1,
      refused: [{ source: 4, reason: 'column "completion" is empty', text: rows[1]!.text }],
      edits: { rows: 3, pending: 1, canUndo: true, canRedo: false },
    });
    expect((await datasets.rows(id, 2, 1)).rows[0]).toMatchObject({ change: 'added', row: { source: 2, completion: 'c1' } });
    // Mended after a version was saved, whose folder is another.
    await datasets.save(id);
    expect(await datasets.mend(id, [{ source: 4, text: pair(2) }])).toMatchObject({ taken: 1, refused: [] });
  });

  it('is edited, undone across a restart, redone, and saved as a version that training would take', async () => {
    const { root, datasets, registry } = await library();
    const file = join(root, 'rows.jsonl');
    await writeFile(file, [0, 1, 2].map(pair).join('\n'));
    const { id, name, version } = await imported(datasets, file);
    expect({ name, rows: version.rows, format: version.format, number: version.number }).toEqual({
      name: 'rows',
      rows: 3,
      format: 'prompt-completion',
      number: 1,
    });
    await datasets.edit(id, { kind: 'delete', keys: [1] });
    await datasets.edit(id, { kind: 'add', row: { kind: 'prompt-completion', source: 4, prompt: 'p', completion: 'added' } });
    await datasets.edit(id, { kind: 'replace', key: 0, row: { kind: 'prompt-completion', source: 1, prompt: 'p', completion: 'changed' } });
    expect(await textOf(datasets, id)).toEqual(['changed', 'c2', 'added']);
    registry.close();

    const again = await library(root);
    expect(await again.datasets.undo(id)).toEqual({ rows: 3, pending: 2, canUndo: true, canRedo: true });
    expect(await textOf(again.datasets, id)).toEqual(['c0', 'c2', 'added']);
    await again.datasets.redo(id);
    const [saved, same] = await Promise.all([again.datasets.save(id), again.datasets.save(id)]);
    expect(saved.number).toBe(2);
    // Two at once must not make two versions of one state.
    expect(same).toEqual(saved);
    const lines = (await readFile(saved.file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { completion: string }).completion);
    expect(lines).toEqual(['changed', 'c2', 'added']);
    expect(again.datasets.get(id).edits).toEqual({ rows: 3, pending: 0, canUndo: false, canRedo: false });
    expect((await readFile(version.file, 'utf8')).trimEnd().split('\n')).toHaveLength(3);
  });

  it.each([
    ['another kind', { kind: 'add' as const, row: { kind: 'text' as const, source: 1, text: 'x' } }, 'ROW-KIND'],
    [
      'an empty completion',
      { kind: 'add' as const, row: { kind: 'prompt-completion' as const, source: 1, prompt: 'x', completion: '' } },
      'ROW-EMPTY',
    ],
    ['a row that is not there', { kind: 'delete' as const, keys: [9] }, 'ROW-UNKNOWN'],
  ])('refuses an edit with %s, and keeps what was there', async (_name, edit, code) => {
    const { root, datasets } = await library();
    await writeFile(join(root, 'rows.jsonl'), pair(0));
    const { id } = await imported(datasets, join(root, 'rows.jsonl'));
    await expect(datasets.edit(id, edit)).rejects.toMatchObject({ code });
    expect(datasets.get(id).edits.pending).toBe(0);
  });

  it('leaves nothing when its import fails, but the file that was sent, so that the mapping can be corrected', async () => {
    const { data, datasets } = await library();
    const upload = await datasets.receive('../../we ird\0.csv', chunks('frage,ant', 'wort\nHi,Ho\n'), never);
    const source = { kind: 'upload', uploadId: upload.uploadId } as const;
    const failed = async () => {
      for await (const _ of datasets.import(source, null, AUTO, never)) throw new Error('it must not get here');
    };
    await expect(failed()).rejects.toMatchObject({ code: 'E-FMT-COLS' });
    expect(datasets.list()).toEqual([]);
    expect(await readdir(join(data.datasets, 'library')).catch(() => [])).toEqual([]);
    const sketch = await datasets.sketch(source, AUTO);
    expect(sketch).toMatchObject({
      columns: [{ name: 'frage', samples: ['Hi'] }, { name: 'antwort' }, { name: 'column 1', samples: ['frage', 'Hi'] }, { name: 'column 2' }],
      outcome: { kind: 'unreadable', code: 'E-FMT-COLS' },
    });
    const reading: Reading = { format: 'prompt-completion', mapping: { prompt: 'frage', completion: 'antwort' }, pairs: 'chat', encoding: 'auto' };
    expect((await datasets.sketch(source, reading)).outcome).toMatchObject({
      kind: 'readable',
      rows: [{ prompt: 'Hi', completion: 'Ho' }],
      mapping: { prompt: 'frage', completion: 'antwort' },
    });
    for await (const update of datasets.import(source, 'Mine', reading, never))
      if (update.kind === 'done') expect(update.dataset).toMatchObject({ name: 'Mine', version: { rows: 1 } });
    // The hostile name never left the folder of its upload.
    expect(await readdir(join(data.root, 'uploads', upload.uploadId))).toEqual(['__.._we ird_.csv']);
    await datasets.remove(datasets.list()[0]!.id);
    expect(existsSync(join(data.root, 'uploads', upload.uploadId))).toBe(false);
  });

  it('lists the rows it refused, and takes a name of its own', async () => {
    const { root, datasets } = await library();
    const file = join(root, 'rows.jsonl');
    await writeFile(file, `${pair(0)}\nnot json\n${pair(2)}\n{"prompt": 5, "completion": []}\n`);
    const { id } = await imported(datasets, file);
    expect((await imported(datasets, file)).name).toBe('rows (2)');
    const bad = await datasets.badRows(id, 1, 10);
    expect(bad).toMatchObject({ total: 2, rows: [{ source: 4 }] });
  });

  it('sweeps what crashes have left, however young, and neither what is listed nor what a studio works on, however old', async () => {
    const { root, data, datasets } = await library();
    await writeFile(join(root, 'rows.jsonl'), pair(0));
    const { id } = await imported(datasets, join(root, 'rows.jsonl'));
    const upload = await datasets.receive('late.csv', chunks('text\nhi\n'), never);
    const [left, worked, gone] = [
      join(data.datasets, 'library', 'left'),
      join(data.datasets, 'library', 'worked'),
      join(data.root, 'uploads', randomUUID()),
    ];
    for (const folder of [left, worked, gone]) await mkdir(folder);
    await writeFile(`${left}.lock`, '');
    const claim = await claimWork(worked);
    const longAgo = new Date(0);
    for (const place of [worked, join(data.datasets, 'library', id), join(data.root, 'uploads', upload.uploadId)])
      await utimes(place, longAgo, longAgo);
    await datasets.sweep();
    expect((await readdir(join(data.datasets, 'library'))).sort()).toEqual([id, 'worked', 'worked.lock'].sort());
    expect((await readdir(join(data.root, 'uploads'))).sort()).toEqual([upload.uploadId, `${upload.uploadId}.lock`]);
    claim.release();
    await datasets.sweep();
    expect(await readdir(join(data.datasets, 'library'))).toEqual([id]);
  });

  it('an import is no leftover to another studio until it is listed, and leaves no lock', async () => {
    const { root, data, datasets } = await library();
    await writeFile(join(root, 'rows.jsonl'), Array.from({ length: 2000 }, (_, i) => pair(i)).join('\n'));
    const other = new DatasetLibrary({
      data,
      registry: Registry.open(join(data.root, 'registry.sqlite')),
      resources: '',
      host: 'browser',
      version: '0',
    });
    let swept = 0;
    const folder = join(data.datasets, 'library');
    const sweeping = setInterval(() => void (existsSync(folder) && other.sweep().then(() => (swept += 1))), 1);
    const { version } = await imported(datasets, join(root, 'rows.jsonl'));
    clearInterval(sweeping);
    expect([version.rows, swept > 0]).toEqual([2000, true]);
    expect((await readdir(folder)).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  it('an upload that breaks off leaves nothing', async () => {
    const { data, datasets } = await library();
    const broken = async function* () {
      yield Buffer.from('{"prompt"');
      throw new Error('the page went away');
    };
    await expect(datasets.receive('a.jsonl', broken(), never)).rejects.toMatchObject({ code: 'FILE-WRITE' });
    expect(await readdir(join(data.root, 'uploads'))).toEqual([]);
  });
});
