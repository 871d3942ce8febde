/** Datasets of rows that no message could hold: pages, edits, saves, comparisons and downloads through the host, whose loop turns all the while. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { StudioClient } from '../../src/shared/contract/index.ts';
import { readingSchema } from '../../src/shared/domain/dataset-record.ts';
import { TestBrowserHost } from '../support/test-browser-host.ts';

const READING = readingSchema.parse({});
const MB = 1024 * 1024;

/** Rows of so many characters each. */
async function fileOf(path: string, rows: number, characters: number): Promise<string> {
  const out = createWriteStream(path);
  for (let row = 0; row < rows; row += 1) if (!out.write(`{"text":"${row} ${'word '.repeat(characters / 5)}"}\n`)) await once(out, 'drain');
  out.end();
  await once(out, 'close');
  return path;
}

async function imported(client: StudioClient, path: string): Promise<string> {
  for await (const update of await client.datasets.import({ source: { kind: 'path', path }, name: null, reading: READING }))
    if (update.kind === 'done') return update.dataset.id;
  throw new Error('no dataset came');
}

it('rows of megabytes are shown by their beginning; what cannot be shown whole cannot be changed, and all is saved whole', async () => {
  const host = await TestBrowserHost.start();
  const client = await host.client();
  const id = await imported(client, await fileOf(join(host.root, 'long.jsonl'), 12, 5_000_000));
  const page = await client.datasets.rows({ id, offset: 0, limit: 100 });
  expect(page.rows).toHaveLength(12);
  expect(page.rows.every(({ cut, row }) => cut === true && row.kind === 'text' && row.text.length > 10_000)).toBe(true);
  expect(JSON.stringify(page).length).toBeLessThan(4 * MB);
  const [row] = (await client.datasets.rows({ id, offset: 3, limit: 1 })).rows;
  expect(row).toMatchObject({ cut: true, row: { text: expect.stringMatching(/^3 word/) as string } });
  await expect(client.datasets.edit({ id, edit: { kind: 'replace', key: 3, row: row!.row } })).rejects.toMatchObject({
    data: { code: 'ROW-TOO-LONG' },
  });
  await client.datasets.edit({ id, edit: { kind: 'delete', keys: [0] } });
  const version = await client.datasets.save({ id });
  expect(version).toMatchObject({ number: 2, rows: 11 });
  const [first] = (await client.datasets.versions({ id })).filter(({ number }) => number === 1);
  const compared = await client.datasets.compare({ fromVersionId: first!.id, toVersionId: version.id });
  expect(compared).toMatchObject({ same: 11, removed: 1 });
  expect(JSON.stringify(compared).length).toBeLessThan(MB);
});

it('a page of rows of middling length is whole where it fits, and every row is whole by itself', async () => {
  const host = await TestBrowserHost.start();
  const client = await host.client();
  const id = await imported(client, await fileOf(join(host.root, 'middling.jsonl'), 200, 60_000));
  const page = await client.datasets.rows({ id, offset: 100, limit: 100 });
  expect(page.rows.map(({ position }) => position)).toEqual(Array.from({ length: 100 }, (_, i) => 100 + i));
  expect(page.rows.filter(({ cut }) => cut)).toHaveLength(100);
  const [row] = (await client.datasets.rows({ id, offset: 150, limit: 1 })).rows;
  expect(row).toMatchObject({ key: 150, row: { text: `150 ${'word '.repeat(12_000)}` } });
  expect(row!.cut).toBeUndefined();
  const few = await client.datasets.rows({ id, offset: 0, limit: 10 });
  expect(few.rows.filter(({ cut }) => cut)).toEqual([]);
});

it('a file of commas costs its sender an error, and nobody a turn of the loop', async () => {
  const host = await TestBrowserHost.start();
  const client = await host.client();
  const path = join(host.root, 'commas.json');
  const out = createWriteStream(path);
  out.end(`[{"text":"a"}${','.repeat(5_000_000)}{"text":"b"}]`);
  await once(out, 'close');
  let slowest = 0;
  const asking = setInterval(() => {
    const began = performance.now();
    void client.settings.get().then(() => (slowest = Math.max(slowest, performance.now() - began)));
  }, 50);
  await expect(imported(client, path)).rejects.toMatchObject({ data: { code: 'E-FMT-BAD-ROWS' } });
  clearInterval(asking);
  // A generous bound: what was seen before were answers after 52 seconds.
  expect(slowest).toBeLessThan(2000);
  expect(await client.datasets.list()).toEqual([]);
});
