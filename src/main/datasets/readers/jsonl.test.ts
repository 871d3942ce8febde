import { describe, expect, test } from 'vitest';
import { readJsonl } from './jsonl.ts';
import type { SourceRecord } from './source-record.ts';

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  const reused = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(reused, 0, at, at + size);
    yield reused.subarray(0, length);
  }
}

async function read(text: string | Buffer, size = 1 << 20, limit?: number): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for await (const record of readJsonl(pieces(Buffer.from(text as string), size), limit)) records.push(record);
  return records;
}

describe('JSONL', () => {
  test('CRLF, blank lines and no newline at the end, cut anywhere', async () => {
    const text = '{"a":"你🙂"}\r\n\r\n   \n{"a":2}\n\n{"a":3}';
    for (const size of [1, 2, 3, 5, 1000]) {
      expect(await read(text, size)).toMatchObject([
        { source: 1, value: { a: '你🙂' }, text: '{"a":"你🙂"}' },
        { source: 4, value: { a: 2 } },
        { source: 6, value: { a: 3 } },
      ]);
    }
  });

  test('what is not an object, or not JSON, is an error with its line', async () => {
    const records = await read('{"a":1}\n{"a":\n[1]\nnull\n"x"\n3\n{"a":2}\n');
    expect(records.map((record) => ('error' in record ? [record.source, record.error] : record.source))).toEqual([
      1,
      [2, expect.stringContaining('not valid JSON')],
      [3, 'a row must be an object {…}, this is a list'],
      [4, 'a row must be an object {…}, this is null'],
      [5, 'a row must be an object {…}, this is a string'],
      [6, 'a row must be an object {…}, this is a number'],
      7,
    ]);
  });

  test('bytes that are not UTF-8 are an error, not replaced', async () => {
    const text = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n{"a":1}\n')]);
    expect(await read(text)).toEqual([
      { source: 1, error: 'this line is not valid UTF-8 text' },
      { source: 2, value: { a: 1 }, text: '{"a":1}' },
    ]);
  });

  test('a line over the limit is skipped wherever it stands', async () => {
    const long = `{"a":"${'x'.repeat(100)}"}`;
    for (const size of [7, 64, 10_000]) {
      const records = await read(`${long}\n{"a":1}\n${long}`, size, 50);
      expect(records).toEqual([
        { source: 1, error: 'this line is longer than 50 bytes, the most one row may have' },
        { source: 2, value: { a: 1 }, text: '{"a":1}' },
        { source: 3, error: 'this line is longer than 50 bytes, the most one row may have' },
      ]);
    }
  });
});
