import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { readingSchema } from '../../shared/domain/dataset-record.ts';
import { MAX_NAMED_ROWS, type Finding } from '../../shared/domain/finding.ts';
import { exactText } from '../../shared/lib/exact-json.ts';
import { DuplicateRows } from './duplicate-rows.ts';
import { importDataset } from './import-dataset.ts';
import { mendRows } from './mend-rows.ts';
import { duplicateKey, withoutNaN } from './readers/json-faults.ts';
import { sketchFile } from './sketch-file.ts';

const folder = tempFolder();
let count = 0;

async function imported(name: string, content: string) {
  const home = join(folder, String((count += 1)));
  mkdirSync(home);
  writeFileSync(join(home, name), content);
  const dataset = await importDataset({ file: join(home, name), outDir: join(home, 'out') });
  // The preview tells what the import tells.
  const sketch = await sketchFile(join(home, name), readingSchema.parse({}));
  if (dataset.rows + dataset.badRows <= 20) expect(sketch.outcome).toMatchObject({ kind: 'readable', findings: dataset.findings });
  return dataset;
}

const jsonl = (...rows: unknown[]) => rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
/** Code, and the rows of the file. */
const brief = (findings: readonly Finding[]) => findings.map(({ code, rows }) => [code, rows?.first.map(({ source }) => source) ?? null]);

describe('what an import tells', () => {
  test('columns that are not used, with the rows that have them', async () => {
    const { findings } = await imported(
      'a.jsonl',
      jsonl(
        { question: 'a', answer: 'b', category: 'x' },
        { question: 'c', answer: 'd', category: '' },
        { question: 'e', answer: 'f', category: 'y', context: 'z' },
      ),
    );
    expect(brief(findings)).toEqual([
      ['UNUSED-COLUMN', [3]],
      ['UNUSED-COLUMN', [1, 3]],
    ]);
    // A context that is left out changes what the answer can be learned from.
    expect(findings.map(({ level, message }) => [level, message])).toEqual([
      ['warning', 'The column "context" is not used.'],
      ['note', 'The column "category" is not used.'],
    ]);
  });

  test('duplicates, by the text without white space around it; positions count the rows that are kept', async () => {
    const { findings, rows } = await imported('a.jsonl', jsonl({ text: 'one' }, 'broken', { text: ' one\n' }, { text: 'two' }, { text: 'one' }));
    expect(rows).toBe(4);
    expect(findings.find(({ code }) => code === 'DUPLICATE')?.rows).toEqual({
      count: 2,
      first: [
        { source: 3, position: 1 },
        { source: 5, position: 3 },
      ],
    });
    expect(findings.find(({ code }) => code === 'SET-ASIDE')?.rows).toEqual({ count: 1, first: [{ source: 2, position: null }] });
  });

  test('blank questions and answers are set aside', async () => {
    const { badRowSamples, findings } = await imported('a.csv', 'question,answer\na,b\n,c\nd,   \n');
    expect(badRowSamples).toEqual([
      { source: 2, reason: 'column "question" is blank', text: '{"question":"","answer":"c"}' },
      { source: 3, reason: 'column "answer" is blank', text: '{"question":"d","answer":"   "}' },
    ]);
    expect(brief(findings)).toEqual([['SET-ASIDE', [2, 3]]]);
  });

  test('JSON that says more than its value: keys twice, halves of characters, NaN', async () => {
    const { findings, rows } = await imported(
      'a.jsonl',
      jsonl('{"text":"a","text":"b"}', '{"text":"\\ud83d"}', '{"text":"c","x":NaN}', '{"text":"\\ud83d\\ude42 \\\\ud83d"}'),
    );
    expect(rows).toBe(4);
    expect(brief(findings)).toEqual([
      ['DUPLICATE-KEY', [1]],
      ['LONE-SURROGATE', [2]],
      ['NAN', [3]],
    ]);
  });

  test('numbers and keys of tools stand in the rows as in the file, and nobody need be told', async () => {
    const row = (args: string) =>
      `{"messages":[{"role":"user","content":"1.0"},{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"f","arguments":${args}}}]}]}`;
    const lines = [row('{"id":2512292042121000001,"x":1.0}'), row('{"a":1,"2024":1e5,"10":2}'), row('{"x":1.5,"y":"1.0","z":-3,"2024x":0}')];
    const { findings, file } = await imported('a.jsonl', jsonl(...lines));
    expect(findings).toEqual([]);
    const written = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => {
        const { kind: _kind, source: _source, ...columns } = JSON.parse(line) as Readonly<Record<string, unknown>>;
        return exactText(columns);
      });
    expect(written).toEqual(lines);
  });

  test('a number where text or a list belongs is called a number', async () => {
    const { badRowSamples } = await imported(
      'a.jsonl',
      jsonl(
        '{"messages":[{"role":"user","content":"a"}]}',
        '{"messages":1.0}',
        '{"messages":[1.0]}',
        '{"messages":[{"role":"user","content":1e5}]}',
        '{"messages":[{"role":1.0,"content":"a"}]}',
      ),
    );
    expect(badRowSamples.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('it is a number'),
      expect.stringContaining('it is a number'),
      expect.stringContaining('it is a number'),
      expect.stringContaining('it is a number'),
    ]);
  });

  test('columns recognised by their names, in Chinese too', async () => {
    const cases: readonly (readonly [Record<string, unknown>, string, string])[] = [
      [{ 问题: 'q', 回答: 'a' }, 'question-answer', 'q'],
      [{ 問題: 'q', 答案: 'a' }, 'question-answer', 'q'],
      [{ 提问: 'q', 答案: 'a' }, 'question-answer', 'q'],
      [{ 指令: 'q', 输入: '', 输出: 'a' }, 'instruction-output', 'q'],
      [{ 指令: 'q', 輸入: '', 輸出: 'a', 系统: '' }, 'instruction-output', 'q'],
      [{ query: 'q', response: 'a' }, 'question-answer', 'q'],
      [{ prompt: 'q', response: 'a' }, 'question-answer', 'q'],
      [{ prompt: 'q', answer: 'a' }, 'question-answer', 'q'],
      [{ input: 'q', output: 'a' }, 'question-answer', 'q'],
      [{ Question: 'q', Answer: 'a' }, 'question-answer', 'q'],
      [{ instruction: 'q', context: '', response: 'a', category: 'x' }, 'instruction-output', 'q'],
      [{ problem: 'q', solution: 'a' }, 'question-answer', 'q'],
    ];
    for (const [row, format, asked] of cases) {
      const dataset = await imported('a.jsonl', jsonl(row));
      expect([row, dataset.format, JSON.parse(readFileSync(dataset.file, 'utf8'))]).toEqual([
        row,
        format,
        {
          kind: 'chat-prompt-completion',
          source: 1,
          prompt: [{ role: 'user', content: asked }],
          completion: [{ role: 'assistant', content: 'a' }],
          plain: { prompt: asked, completion: 'a' },
        },
      ]);
      expect(brief(dataset.findings)[0]).toEqual(['COLUMN-NAMES', null]);
    }
    for (const name of ['对话', '對話', 'dialog']) {
      expect(
        await imported(
          'a.jsonl',
          jsonl({
            [name]: [
              { role: 'user', content: 'q' },
              { role: 'assistant', content: 'a' },
            ],
          }),
        ),
      ).toMatchObject({ format: 'messages', rows: 1 });
      expect(
        await imported(
          'a.jsonl',
          jsonl({
            [name]: [
              { from: 'human', value: 'q' },
              { from: 'gpt', value: 'a' },
            ],
          }),
        ),
      ).toMatchObject({ format: 'conversations', rows: 1 });
    }
    expect(await imported('a.csv', 'review,sentiment\ngood film,positive\n')).toMatchObject({ format: 'text', rows: 1 });
  });

  test.each([
    ['an object where text must be', { instruction: 'a', input: '', output: { a: 1 } }, '"output" must be text, and in row 1 it is an object'],
    ['a list', { question: 'a', answers: ['b'] }, '"answers" must be text, and in row 1 it is a list'],
    ['a number', { prompt: 'a', completion: 5 }, '"completion" must be text, and in row 1 it is a number'],
    ['preference data', { prompt: 'a', chosen: 'b', rejected: 'c' }, 'this is preference data (chosen and rejected answers)'],
  ])('%s is named', async (_name, row, message) => {
    await expect(imported('a.jsonl', jsonl(row))).rejects.toMatchObject({ code: 'E-FMT-COLS', message: expect.stringContaining(message) as string });
  });

  test('the row that is named is that of the file', async () => {
    await expect(imported('a.jsonl', jsonl('', 'broken', { question: 'a', answers: null }, { question: 'a', answers: {} }))).rejects.toMatchObject({
      message: expect.stringContaining('in row 4 it is an object') as string,
    });
  });

  test('any number of names and rows stays bounded', async () => {
    const { findings } = await imported(
      'a.jsonl',
      jsonl(...Array.from({ length: 300 }, (_, i) => ({ text: `row ${i}`, [`column ${i}`]: 1, id: i }))),
    );
    expect(findings.length).toBeLessThan(50);
    expect(findings.at(-1)).toMatchObject({ code: 'UNUSED-COLUMN-MORE', rows: { count: expect.any(Number) as number } });
    expect(findings.find(({ message }) => message.includes('"id"'))?.rows).toMatchObject({ count: 300, first: { length: MAX_NAMED_ROWS } });
  });
});

describe('rows that were set aside', () => {
  test('are read again as they were mended, by the plan of their import', async () => {
    const dataset = await imported('a.jsonl', jsonl({ 问题: 'q', 回答: 'a' }, { 问题: 'r', 回答: ' ' }, '{"问题": "s", "回答": "b",}'));
    const [first, second] = readFileSync(dataset.badRowsFile!, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { source: number; reason: string; text: string });
    expect([first, second]).toMatchObject([
      { source: 2, text: '{"问题":"r","回答":" "}' },
      { source: 3, reason: 'not valid JSON: there is a comma before a closing bracket' },
    ]);
    const mended = await mendRows(join(dataset.file, '..'), [
      { source: 2, text: first!.text.replace(' ', 'now') },
      second!,
      { source: 3, text: second!.text.replace(',}', '}') },
    ]);
    expect(mended).toMatchObject([
      { kind: 'chat-prompt-completion', source: 2, completion: [{ content: 'now' }] },
      { source: 3, reason: 'not valid JSON: there is a comma before a closing bracket' },
      { kind: 'chat-prompt-completion', source: 3, prompt: [{ content: 's' }] },
    ]);
  });
});

describe('the scans', () => {
  test('a key is the same only in one object', () => {
    for (const text of ['{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}', '{"a":"\\"a\\":","b":["a","a"]}', '{"a\\"":1,"a":2}', '[]'])
      expect([text, duplicateKey(text)]).toEqual([text, null]);
    for (const text of ['{"a":1,"b":{"x":[]}, "a" :2}', '{"x":[{"a":1,"a":1}]}']) expect([text, duplicateKey(text)]).toEqual([text, 'a']);
  });

  test('NaN in a text is text', () => {
    expect(withoutNaN('{"a":"NaN -Infinity","b":[NaN,-Infinity, Infinity]}')).toBe('{"a":"NaN -Infinity","b":[null,null, null]}');
    expect(withoutNaN('{"a":"NaN","b":-1}')).toBeNull();
  });

  test('a hundred thousand different rows hold no duplicate', () => {
    const duplicates = new DuplicateRows();
    let found = 0;
    for (let i = 0; i < 100_000; i += 1) if (duplicates.seen({ kind: 'text', source: i, text: String(i) })) found += 1;
    expect(found).toBe(0);
    expect(duplicates.seen({ kind: 'text', source: 0, text: ' 99999 ' })).toBe(true);
  });
});
