import { writeFile, appendFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../../test/support/test-folder.ts';
import { RowFile } from './row-file.ts';

const row = (i: number, text = `row ${i}`) => `${JSON.stringify({ kind: 'text', source: i + 1, text })}\n`;

it('reads any rows of a file of many blocks, and the same again by the index of before', async () => {
  const file = join(await testFolder(), 'rows.jsonl');
  // Around the size of a block, with rows of very different lengths and characters of several bytes.
  const texts = Array.from({ length: 1000 }, (_, i) => (i % 97 === 0 ? 'é漢🙂'.repeat(30_000) : `row ${i}`));
  await writeFile(file, texts.map((text, i) => row(i, text)).join(''));
  for (let time = 0; time < 2; time++) {
    const rows = await RowFile.open(file);
    expect(rows.rows).toBe(1000);
    const numbers = [0, 1, 63, 64, 65, 97, 98, 500, 998, 999];
    expect((await rows.read(numbers)).map(({ source }) => source)).toEqual(numbers.map((n) => n + 1));
    expect(await rows.read([194])).toEqual([{ kind: 'text', source: 195, text: texts[194] }]);
  }
});

it('makes the index anew when the file has grown, and refuses what is no row', async () => {
  const file = join(await testFolder(), 'rows.jsonl');
  await writeFile(file, row(0));
  expect((await RowFile.open(file)).rows).toBe(1);
  const before = await stat(`${file}.index`);
  await appendFile(file, `${row(1)}{"kind":"text"}\n`);
  const rows = await RowFile.open(file);
  expect(rows.rows).toBe(3);
  // Another file took its place: an index of before would have one row.
  expect((await stat(`${file}.index`)).ino).not.toBe(before.ino);
  await expect(rows.read([2])).rejects.toMatchObject({ code: 'DATASET-FILE' });
  await expect(RowFile.open(join(file, 'none'))).rejects.toMatchObject({ code: 'DATASET-FILE' });
});

it.each([
  ['a block beyond the end', [0, 1e300]],
  ['a block that begins before the one before it', [0, 40, 20]],
  ['no number', [0, NaN]],
  ['a first block elsewhere', [9]],
])('an index that somebody else wrote (%s) is made anew: what is read goes by it', async (_, offsets) => {
  const file = join(await testFolder(), 'rows.jsonl');
  await writeFile(file, row(0) + row(1));
  const { size } = await stat(file);
  await writeFile(`${file}.index`, new Uint8Array(Float64Array.from([size, 2, ...offsets.map((_each, i) => i), ...offsets]).buffer));
  expect(await RowFile.openIndexed(file)).toBeNull();
  expect((await (await RowFile.open(file)).read([1])).map(({ source }) => source)).toEqual([2]);
});
