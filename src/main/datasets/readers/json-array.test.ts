import { describe, expect, test } from 'vitest';
import { readJsonArray } from './json-array.ts';
import { sniffJson } from './sniff-json.ts';
import type { SourceRecord } from './source-record.ts';

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  const reused = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) yield reused.subarray(0, bytes.copy(reused, 0, at, at + size));
}

async function read(text: string, size = 1 << 20, limit?: number): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for await (const record of readJsonArray('a.json', pieces(text, size), limit)) records.push(record);
  return records;
}

describe('JSON array', () => {
  const rows = [{ a: 'brackets ]}[{ and "quotes" \\ and \\" , commas', b: [1, { c: [] }] }, { a: '你🙂', b: null }, { ',"': { d: '\\' } }];

  test('gives what JSON.parse gives, however it is cut and indented', async () => {
    for (const text of [JSON.stringify(rows), ` \n${JSON.stringify(rows, null, 2)}\r\n `]) {
      for (const size of [1, 2, 3, 11, 1000]) {
        expect(await read(text, size)).toMatchObject(rows.map((value, index) => ({ source: index + 1, value })));
      }
    }
  });

  test('an empty array has no rows', async () => {
    expect(await read('[ \n ]')).toEqual([]);
  });

  test('a broken element is one bad row', async () => {
    const records = await read('[{"a":1}, {"a":tru}, 5, , {"a":2}]', 3);
    expect(records.map((record) => ('error' in record ? record.error.slice(0, 24) : record.value))).toEqual([
      { a: 1 },
      'not valid JSON: Unexpect',
      'a row must be an object ',
      'the element is empty: a ',
      { a: 2 },
    ]);
  });

  test('a file cut short keeps its whole elements and names the cut one', async () => {
    expect(await read('[{"a":1},{"a":')).toEqual([
      { source: 1, value: { a: 1 }, text: '{"a":1}' },
      { source: 2, error: 'the file ends inside this element: the array is never closed' },
    ]);
  });

  test('data after the array is refused: those rows would be lost', async () => {
    await expect(read('[{"a":1}]\n{"a":2}\n', 4)).rejects.toMatchObject({ code: 'E-FMT-JSON', data: { elements: 1 } });
  });

  test('an element over the limit is skipped', async () => {
    const records = await read(`[{"a":"${'x'.repeat(100)}"},{"a":1}]`, 16, 40);
    expect(records.map((record) => 'error' in record)).toEqual([true, false]);
  });
});

describe('what a .json file holds', () => {
  test.each([
    ['  [ {"a":1} ]', { kind: 'array-of-objects' }],
    ['[1]', { kind: 'array' }],
    ['[', { kind: 'array' }],
    ['{"a":1}\n{"a":2}', { kind: 'lines' }],
    ['{"a": "broken\n{"a":2}\n{"a":"}"}\n', { kind: 'lines' }],
    ['{"a": 1\n{"a":2}\n', { kind: 'lines' }],
    ['{"a":[1,{"x":2},"\\"}"],"你":{"c":3}}\n', { kind: 'one-object', keys: ['a', '你'], spread: false }],
    ['{"a":1,\n"b":2}', { kind: 'one-object', keys: ['a', 'b'], spread: true }],
    ['{"a":\n{"a":2}\n{"a":3}\n', { kind: 'lines' }],
    ['{\n"a":1\n}\n{\n"a":2\n}', { kind: 'spread-objects' }],
    ['  \n', { kind: 'empty' }],
    ['hello', { kind: 'lines' }],
  ])('%j', async (text, expected) => {
    expect(await sniffJson(pieces(text, 3))).toEqual(expected);
  });
});
