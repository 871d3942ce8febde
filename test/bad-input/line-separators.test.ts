import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importDataset } from '../../src/main/datasets/import-dataset.ts';
import { readLines } from '../../src/main/datasets/read-lines.ts';
import { readCanonicalRows } from '../../src/main/engine/data/canonical-rows.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('text with Unicode line separators is one row, from the import to the engine', async () => {
  const folder = tempFolder();
  const texts = ['one\u2028two\u2029three\u0085four', 'five'];
  await writeFile(join(folder, 'a.jsonl'), texts.map((text) => `${JSON.stringify({ text })}\r\n`).join(''));
  const { file, rows } = await importDataset({ file: join(folder, 'a.jsonl'), outDir: join(folder, 'out') });
  expect(rows).toBe(2);
  const trained: string[] = [];
  for await (const batch of readCanonicalRows(file, 1, new AbortController().signal))
    trained.push(...batch.rows.map((row) => (row.kind === 'text' ? row.text : '')));
  expect(trained).toEqual(texts);
  const listed: string[] = [];
  for await (const line of readLines(file)) listed.push((JSON.parse(line) as { text: string }).text);
  expect(listed).toEqual(texts);
});
