/** Two studios on one data folder: what one edits, saves or removes is never overwritten or lost by the other. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dataFolder } from '../../src/main/app/paths.ts';
import { openStudio, type Studio } from '../../src/main/studio.ts';
import type { CanonicalRow } from '../../src/shared/domain/dataset.ts';
import { readingSchema, type DatasetSummary } from '../../src/shared/domain/dataset-record.ts';
import { testFolder } from '../support/test-folder.ts';

const text = (value: string): CanonicalRow => ({ kind: 'text', source: 0, text: value }) as CanonicalRow;

async function twoStudios(): Promise<{ readonly a: Studio; readonly b: Studio; readonly dataset: DatasetSummary }> {
  const folder = await testFolder();
  const data = dataFolder(join(folder, 'data'));
  const [a, b] = [openStudio(data, 'browser'), openStudio(data, 'browser')];
  onTestFinished(async () => {
    await a.close();
    await b.close();
  });
  const file = join(folder, 'rows.jsonl');
  await writeFile(file, ['zero', 'one', 'two'].map((value) => `${JSON.stringify({ text: value })}\n`).join(''));
  for await (const update of a.services.datasets.import({ kind: 'path', path: file }, null, readingSchema.parse({}), new AbortController().signal)) {
    if (update.kind === 'done') return { a, b, dataset: update.dataset };
  }
  throw new Error('the import ended without a dataset');
}

const textsOf = async (studio: Studio, id: string) =>
  (await studio.services.datasets.rows(id, 0, 10)).rows.map(({ row }) => (row as { readonly text: string }).text);

/** Every version's file is what the registry says of it. */
async function expectTrueHashes(studio: Studio, id: string): Promise<void> {
  for (const { file, contentHash, rows } of studio.services.datasets.versions(id)) {
    const bytes = await readFile(file);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(contentHash);
    expect(bytes.toString().trimEnd().split('\n')).toHaveLength(rows);
  }
}

describe('two studios on one data folder', () => {
  it('each see the edits of the other, and a save has both', async () => {
    const {
      a,
      b,
      dataset: { id },
    } = await twoStudios();
    // Both have looked, and remember what they saw.
    await Promise.all([textsOf(a, id), textsOf(b, id)]);
    await a.services.datasets.edit(id, { kind: 'replace', key: 0, row: text('by a') });
    await b.services.datasets.edit(id, { kind: 'replace', key: 1, row: text('by b') });
    expect(a.services.datasets.get(id).edits.pending).toBe(2);
    const version = await a.services.datasets.save(id);
    expect(version).toMatchObject({ number: 2, rows: 3 });
    expect(await textsOf(b, id)).toEqual(['by a', 'by b', 'two']);
    expect(b.services.datasets.get(id)).toMatchObject({ version: { id: version.id }, edits: { pending: 0 } });
    await expectTrueHashes(b, id);
  });

  it('that save at the same moment make one version, whose hash is that of its file', async () => {
    const {
      a,
      b,
      dataset: { id },
    } = await twoStudios();
    await a.services.datasets.edit(id, { kind: 'replace', key: 0, row: text('by a') });
    await b.services.datasets.edit(id, { kind: 'add', row: text('by b') });
    const [first, second] = await Promise.all([a.services.datasets.save(id), b.services.datasets.save(id)]);
    expect(second.id).toBe(first.id);
    expect(a.services.datasets.versions(id).map(({ number }) => number)).toEqual([2, 1]);
    expect(await textsOf(b, id)).toEqual(['by a', 'one', 'two', 'by b']);
    await expectTrueHashes(a, id);
  });

  it('keep an edit that comes while the other saves', async () => {
    const {
      a,
      b,
      dataset: { id },
    } = await twoStudios();
    await a.services.datasets.edit(id, { kind: 'replace', key: 0, row: text('by a') });
    const saving = a.services.datasets.save(id);
    await b.services.datasets.edit(id, { kind: 'replace', key: 2, row: text('by b') });
    await saving;
    expect(await textsOf(a, id)).toEqual(['by a', 'one', 'by b']);
    await expectTrueHashes(a, id);
  });

  it('refuse an edit of rows that were saved as others meanwhile: its key would mean another row', async () => {
    const {
      a,
      b,
      dataset: {
        id,
        version: { id: seen },
      },
    } = await twoStudios();
    await a.services.datasets.edit(id, { kind: 'delete', keys: [0] });
    await a.services.datasets.save(id);
    await expect(b.services.datasets.edit(id, { kind: 'replace', key: 1, row: text('instead of one') }, seen)).rejects.toMatchObject({
      code: 'DATASET-CHANGED',
    });
    expect(await textsOf(b, id)).toEqual(['one', 'two']);
  });

  it('never give the number of an added row that was taken back to another', async () => {
    const {
      a,
      b,
      dataset: {
        id,
        version: { id: seen },
      },
    } = await twoStudios();
    await a.services.datasets.edit(id, { kind: 'add', row: text('first') });
    const key = (await b.services.datasets.rows(id, 0, 10)).rows.at(-1)!.key;
    await a.services.datasets.undo(id);
    await a.services.datasets.edit(id, { kind: 'add', row: text('second') });
    await expect(b.services.datasets.edit(id, { kind: 'replace', key, row: text('changed') }, seen)).rejects.toMatchObject({ code: 'ROW-UNKNOWN' });
    expect((await textsOf(b, id)).at(-1)).toBe('second');
  });

  it('do not lose edits of one to a version that the other brings back', async () => {
    const {
      a,
      b,
      dataset: {
        id,
        version: { id: first },
      },
    } = await twoStudios();
    await a.services.datasets.edit(id, { kind: 'replace', key: 0, row: text('by a') });
    await a.services.datasets.save(id);
    const restoring = a.services.datasets.restore(first);
    const refused = await b.services.datasets.edit(id, { kind: 'replace', key: 1, row: text('by b') }).then(
      () => null,
      (error: unknown) => error,
    );
    await restoring;
    const kept = await Promise.all(a.services.datasets.versions(id).map(({ file }) => readFile(file, 'utf8')));
    // Either it came first and is in a version or the working copy, or it came too late and was refused.
    if (refused === null) expect([...kept, ...(await textsOf(a, id))].join('\n')).toContain('by b');
    else expect(refused).toMatchObject({ code: 'DATASET-CHANGED' });
    await expectTrueHashes(a, id);
  });

  it('give two imports of one name names that differ, and say that a dataset is gone', async () => {
    const { a, b, dataset } = await twoStudios();
    const importIn = async ({ services }: Studio) => {
      for await (const update of services.datasets.import(
        { kind: 'path', path: dataset.version.file },
        'Mine',
        readingSchema.parse({}),
        new AbortController().signal,
      ))
        if (update.kind === 'done') return update.dataset.name;
      return null;
    };
    expect((await Promise.all([importIn(a), importIn(b)])).sort()).toEqual(['Mine', 'Mine (2)']);
    await a.services.datasets.edit(dataset.id, { kind: 'replace', key: 0, row: text('by a') });
    const saving = expect(a.services.datasets.save(dataset.id)).rejects.toMatchObject({ code: 'DATASET-UNKNOWN' });
    await b.services.datasets.remove(dataset.id);
    await saving;
  });

  it('the second says so, until the first has gone', async () => {
    const data = dataFolder(join(await testFolder(), 'data'));
    const first = openStudio(data, 'browser');
    const second = openStudio(data, 'browser');
    expect(first.services.notices.list()).toEqual([]);
    expect(second.services.notices.list()).toMatchObject([
      { code: 'STUDIO-SECOND', message: `Another Tunesmith (process ${process.pid}) has this data folder open.` },
    ]);
    await first.close();
    await expect.poll(() => second.services.notices.list(), { timeout: 10_000 }).toEqual([]);
    await second.close();
  });
});
