import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { parseRecipe } from '../../../shared/domain/recipe/parse.ts';
import { dataFolder } from '../../app/paths.ts';
import { importForRecipe } from './datasets.ts';

test('the same bytes under another extension, or read otherwise, are another import', async () => {
  const root = await testFolder();
  const data = dataFolder(join(root, 'data'));
  await mkdir(data.datasets, { recursive: true });
  const read = async (name: string, dataset: object = {}) => {
    const file = join(root, name);
    await writeFile(file, 'question;x\tanswer\none;a\tb\n');
    const { recipe } = parseRecipe({ model: 'm', dataset: { file, ...dataset } });
    return importForRecipe(recipe, data, { signal: new AbortController().signal, onProgress: () => undefined });
  };
  // As CSV the semicolon comes first, and no format fits; as TSV there is an answer.
  const mapping = { text: 'question;x' };
  const first = await read('a.tsv', { mapping });
  expect(first).toMatchObject({ rows: 1, format: 'text' });
  await expect(read('a.csv', { mapping })).rejects.toMatchObject({ code: 'E-FMT-COLS' });
  await expect(read('a.parquet', { mapping })).rejects.toMatchObject({ code: 'E-FMT-FILE' });
  expect(await read('a.tsv', { mapping })).toEqual(first);
  expect((await read('b.tsv', { mapping })).file).toBe(first.file);
  expect((await read('a.tsv', { mapping, encoding: 'windows-1252' })).file).not.toBe(first.file);
  expect((await read('a.tsv', { mapping, pairs: 'plain' })).file).not.toBe(first.file);
});
