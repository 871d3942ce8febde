import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { readingSchema } from '../../shared/domain/dataset-record.ts';
import { importDataset } from './import-dataset.ts';
import { cellOf, type ColumnMapping } from './import-plan.ts';
import { sketchFile } from './sketch-file.ts';

const folder = tempFolder();
let count = 0;

function file(name: string, content: string): string {
  const home = join(folder, String((count += 1)));
  mkdirSync(home);
  writeFileSync(join(home, name), content);
  return join(home, name);
}

async function rowsOf(path: string, mapping?: ColumnMapping) {
  const dataset = await importDataset({ file: path, outDir: `${path}.out`, pairs: 'plain', ...(mapping === undefined ? {} : { mapping }) });
  const rows = readFileSync(dataset.file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly source: number; readonly prompt?: string; readonly completion?: string; readonly text?: string });
  return { rows, codes: dataset.findings.map(({ code }) => code) };
}

const sketched = (path: string, mapping: Readonly<Record<string, string>> | null = null) => sketchFile(path, readingSchema.parse({ mapping }));

describe('a CSV without a header', () => {
  const trees = () => file('a.csv', 'Name a tree,Oak\nName a bird,Wren\n');
  const byNumber = { question: 'column 1', answer: 'column 2' };

  test('is recognised, and its columns are offered by number', async () => {
    const path = trees();
    await expect(rowsOf(path)).rejects.toMatchObject({
      code: 'E-FMT-COLS',
      message: expect.stringContaining('its first line looks like a row') as string,
      remedy: expect.stringContaining('"column 1"') as string,
    });
    const { columns, outcome } = await sketched(path);
    expect(outcome).toMatchObject({ kind: 'unreadable', code: 'E-FMT-COLS' });
    expect(columns).toEqual([
      { name: 'Name a tree', samples: ['Name a bird'] },
      { name: 'Oak', samples: ['Wren'] },
      { name: 'column 1', samples: ['Name a tree', 'Name a bird'] },
      { name: 'column 2', samples: ['Oak', 'Wren'] },
    ]);
  });

  test('is read whole when they are chosen, in the sketch as in the import', async () => {
    const path = trees();
    const { rows, codes } = await rowsOf(path, byNumber);
    expect(rows.map(({ source, prompt, completion }) => [source, prompt, completion])).toEqual([
      [1, 'Name a tree', 'Oak'],
      [2, 'Name a bird', 'Wren'],
    ]);
    expect(codes).toEqual(['NO-HEADER']);
    expect(await sketched(path, byNumber)).toMatchObject({
      columns: [{ name: 'column 1' }, { name: 'column 2' }],
      outcome: { kind: 'readable', rows: [{ source: 1 }, { source: 2 }] },
    });
  });

  test('names that are there are names, and those that are missing are missing', async () => {
    const unnamed = await rowsOf(file('a.csv', 'frage,\nq,a\n'), { question: 'frage', answer: 'column 2' });
    expect(unnamed.rows.map(({ prompt, completion }) => [prompt, completion])).toEqual([['q', 'a']]);
    const named = await rowsOf(file('a.csv', 'column 2,column 1\na,q\n'), byNumber);
    expect(named.rows.map(({ prompt, completion }) => [prompt, completion])).toEqual([['q', 'a']]);
    await expect(rowsOf(file('a.csv', 'q1,a1\nq2,a2\n'), { question: 'column 1', answer: 'column 3' })).rejects.toMatchObject({ code: 'E-FMT-COLS' });
    await expect(rowsOf(file('a.csv', 'frage,\nq,a\n'), byNumber)).rejects.toMatchObject({ code: 'E-FMT-COLS' });
  });

  test('of one column is told that its first line is not learned, and how it would be', async () => {
    const path = file('a.csv', 'Once upon a time there was a tree.\nAnd then a bird.\n');
    expect(await rowsOf(path)).toMatchObject({ rows: [{ source: 1, text: 'And then a bird.' }], codes: ['HEADER-ROW', 'COLUMN-NAMES'] });
    expect((await sketched(path)).columns.map(({ name }) => name)).toEqual(['Once upon a time there was a tree.', 'column 1']);
    expect((await rowsOf(path, { text: 'column 1' })).rows.map(({ text }) => text)).toEqual([
      'Once upon a time there was a tree.',
      'And then a bird.',
    ]);
    expect((await rowsOf(file('b.csv', 'sentence one\na\n'))).codes).toEqual(['COLUMN-NAMES']);
  });
});

describe('a part of a column', () => {
  const squad = () =>
    file(
      'a.jsonl',
      '{"question":"Who?","answers":{"text":["Ann","An"],"answer_start":[0]}}\n{"question":"What?","answers":{"text":["A tree"],"answer_start":[1.0]}}\n{"question":"None?","answers":{"text":[],"answer_start":[]}}',
    );

  test('is offered where the column itself will not do', async () => {
    const path = squad();
    await expect(rowsOf(path)).rejects.toMatchObject({ remedy: expect.stringContaining('"answers.text.0"') as string });
    expect((await sketched(path)).columns.at(-1)).toEqual({ name: 'answers.text.0', samples: ['Ann'] });
  });

  test('is offered once, also where a column has the name of a path', async () => {
    const { columns } = await sketched(file('a.jsonl', '{"question":"Who?","answers":{"text":["Ann"]},"answers.text.0":1}'));
    expect(columns.map(({ name }) => name)).toEqual(['question', 'answers', 'answers.text.0']);
  });

  test('is read by its path; the column counts as used, and rows without it are set aside', async () => {
    const { rows, codes } = await rowsOf(squad(), { question: 'question', answer: 'answers.text.0' });
    expect(rows.map(({ completion }) => completion)).toEqual(['Ann', 'A tree']);
    expect(codes).toEqual(['SET-ASIDE']);
  });

  test('is looked for among own keys alone, after columns of that very name', () => {
    expect(cellOf({ 'a.b': 1, a: { b: 2 } }, 'a.b')).toBe(1);
    expect(
      ['a.b', 'a.0', 'l.0.x', 'l.1', '__proto__.x', 'a.__proto__', 'l.length', 't.length', ''].map((path) =>
        cellOf({ a: { b: 2 }, l: [{ x: 3 }], t: 'text' }, path),
      ),
    ).toEqual([2, undefined, 3, undefined, undefined, undefined, undefined, undefined, undefined]);
  });
});
