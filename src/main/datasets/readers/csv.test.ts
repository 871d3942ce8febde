import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { CsvParser } from './csv-parser.ts';
import { readCsv } from './csv.ts';
import type { Note } from '../finding-book.ts';
import type { SourceRecord } from './source-record.ts';

/** Cuts the text into pieces of `size` bytes, so that every border falls inside something once. */
async function* pieces(text: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text as string);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string | Buffer, size = 1 << 20, delimiter?: string) {
  const notices: string[] = [];
  const records: SourceRecord[] = [];
  const options = { delimiter, onNote: ({ message }: Note) => void notices.push(message) };
  for await (const record of readCsv('a.csv', pieces(text, size), options)) records.push(record);
  return { records, notices };
}

describe('CSV', () => {
  test('quoted delimiters, line breaks and quotes; LF and CRLF; blank lines; no newline at the end', async () => {
    const text = 'q,a\r\n"one, two","line 1\nline ""2"""\r\n\r\nplain, spaced \n"crlf\r\ninside",é你🙂';
    for (const size of [1, 2, 3, 7, 1000]) {
      const { records } = await read(text, size);
      expect(records).toEqual([
        { source: 1, value: { q: 'one, two', a: 'line 1\nline "2"' } },
        { source: 2, value: { q: 'plain', a: ' spaced ' } },
        { source: 3, value: { q: 'crlf\r\ninside', a: 'é你🙂' } },
      ]);
    }
  });

  test('agrees with papaparse on random well-formed files, however they are cut', async () => {
    let seed = 7;
    const random = (n: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return (seed >>> 8) % n;
    };
    const parts = ['a', ' ', ',', '"', '\n', '\r\n', '你', '\t', "'", ';'];
    for (let round = 0; round < 60; round += 1) {
      const rows = Array.from({ length: 1 + random(8) }, () =>
        Array.from({ length: 3 }, () => Array.from({ length: random(6) }, () => parts[random(parts.length)]).join('')),
      );
      const newline = random(2) === 0 ? '\n' : '\r\n';
      const text = Papa.unparse([['x', 'y', 'z'], ...rows], { newline });
      const expected = Papa.parse<Record<string, string>>(text, { header: true, delimiter: ',', newline }).data;
      const { records } = await read(text, 1 + random(9), ',');
      expect(records.map((record) => ('value' in record ? record.value : record))).toEqual(expected);
    }
  });

  test('a wrong number of cells and a broken quote are listed with their line', async () => {
    const text = 'a,b\n1,2\n"x\ny",2,3\n4\n"bad" quote,5\n6,7\n';
    const { records } = await read(text);
    expect(records).toEqual([
      { source: 1, value: { a: '1', b: '2' } },
      { source: 2, error: 'the row on line 3 has 3 cells, the header has 2 columns', text: '{"a":"x\\ny","b":"2","column 3":"3"}' },
      // As spreadsheets write a row whose last cells are empty.
      { source: 3, value: { a: '4', b: '' }, notes: [expect.objectContaining({ code: 'SHORT-ROW' })] },
      { source: 4, error: 'a closing quote is followed by other text (row starts on line 6)' },
      { source: 5, value: { a: '6', b: '7' } },
    ]);
  });

  test('a quote that is never closed costs its line, not the rest of the file', async () => {
    const { records } = await read('a,b\n1,2\n"open,3\n4,5\n6,7\n', 4);
    expect(records).toEqual([
      { source: 1, value: { a: '1', b: '2' } },
      { source: 2, error: 'a quote opened in the row that starts on line 3 is never closed' },
      { source: 3, value: { a: '4', b: '5' } },
      { source: 4, value: { a: '6', b: '7' } },
    ]);
  });

  test('an open quote is given up after the limit, and a file full of them is refused', () => {
    const parser = new CsvParser(',', 100);
    const rows = [...parser.push(`"${'x'.repeat(60)}\n`, false), ...parser.push('1,2\n'.repeat(100), false)];
    expect(rows[0]).toMatchObject({ line: 1, error: expect.stringContaining('still open after 100') as string });
    expect(rows.slice(1).every((row) => row.cells.join() === '1,2')).toBe(true);
    const hostile = new CsvParser(',', 100);
    const openQuote = `"${'x'.repeat(200)}\n${'1,2\n'.repeat(99)}`;
    const drain = () => {
      for (let i = 0; i < 100; i += 1) for (const row of hostile.push(openQuote, false)) row.cells.at(0);
    };
    expect(drain).toThrow('over 50 quotes are never closed');
  });

  test('the delimiter comes from the header, a tab from the extension', async () => {
    const semicolon = await read('q;a\n1,5;2\n');
    expect(semicolon.records).toEqual([{ source: 1, value: { q: '1,5', a: '2' } }]);
    expect(semicolon.notices).toEqual(['Cells are separated by ";", as in the header line.']);
    expect((await read('q\ta\n1,5\t2\n', 100, '\t')).records).toEqual([{ source: 1, value: { q: '1,5', a: '2' } }]);
  });

  test('a first line "sep=;", as Excel reads it, is no header', async () => {
    const { records } = await read('sep=;\r\nq;a\r\n1,5;2\r\n"open\r\n');
    expect(records).toEqual([
      { source: 1, value: { q: '1,5', a: '2' } },
      { source: 2, error: 'a quote opened in the row that starts on line 4 is never closed' },
    ]);
  });

  test('one column and no delimiter stays linear', async () => {
    const { records } = await read(`text\n${'some words\n'.repeat(200_000)}`, 1 << 22);
    expect(records).toHaveLength(200_000);
  }, 5_000);

  test('a header with the same name twice, unnamed columns, hostile names', async () => {
    await expect(read('a,b,a\n1,2,3\n')).rejects.toMatchObject({ code: 'E-FMT-COLS' });
    expect((await read(',text\n0,hello\n')).records).toEqual([{ source: 1, value: { 'column 1': '0', text: 'hello' } }]);
    const { records } = await read('__proto__,constructor\nx,y\n');
    const value = records[0] !== undefined && 'value' in records[0] ? records[0].value : {};
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test('text that is not UTF-8 and old Mac line ends are refused by name', async () => {
    const gbk = Buffer.concat([Buffer.from('q,a\n'), Buffer.from([0xc4, 0xe3, 0xba, 0xc3]), Buffer.from(',x\n')]);
    await expect(read(gbk)).rejects.toMatchObject({ code: 'E-FILE-ENCODING', message: expect.stringContaining('line 2 ') as string });
    await expect(read('a,b\r1,2\r')).rejects.toMatchObject({ code: 'E-FMT-CSV' });
  });
});
