import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../../../test/support/temp-folder.ts';
import type { Encoding } from '../../../shared/domain/dataset.ts';
import type { Note } from '../finding-book.ts';
import { findEncoding } from './find-encoding.ts';
import { openRecords } from './open-records.ts';

const SIMPLIFIED = '问题,回答\n如何重置密码?,请在登录页面点击忘记密码，然后按照邮件里的说明操作。\n什么是小提琴?,小提琴是一种弦乐器，用弓演奏。\n';
const TRADITIONAL = '問題,回答\n如何重設密碼?,請在登入頁面點選忘記密碼，然後依照郵件裡的說明操作。\n什麼是小提琴?,小提琴是一種弦樂器，用弓演奏。\n';
const GERMAN = 'question,answer\nWo?,Über den Fluß im Café “Élan”\n';
// Python 3: text.encode('gb18030'), .encode('big5'), .encode('cp1252')
const GB =
  'cecacce22cbbd8b4f00ac8e7baced6d8d6c3c3dcc2eb3f2cc7ebd4dab5c7c2bcd2b3c3e6b5e3bbf7cdfcbcc7c3dcc2eba3acc8bbbaf3b0b4d5d5d3cabcfec0efb5c4cbb5c3f7b2d9d7f7a1a30acab2c3b4cac7d0a1cce1c7d93f2cd0a1cce1c7d9cac7d2bbd6d6cfd2c0d6c6f7a3acd3c3b9add1ddd7e0a1a30a';
const BIG5 =
  'b0ddc3442ca65eb5aa0aa670a6f3adabb35db14bbd583f2cbdd0a662b56ea44aadb6adb1c249bfefa7d1b04fb14bbd58a141b54dabe1a8ccb7d3b66ca5f3b8ccaababba1a9fabedea740a1430aa4b0bbf2ac4fa470b4a3b55e3f2ca470b4a3b55eac4fa440bad8a9b6bcd6beb9a141a5cea47dba74abb5a1430a';
const CP1252 = '7175657374696f6e2c616e737765720a576f3f2cdc6265722064656e20466c75df20696d20436166e92093c96c616e940a';

const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16();
const FILES: readonly (readonly [string, Buffer, Encoding, string])[] = [
  ['UTF-8', Buffer.from(SIMPLIFIED), 'utf-8', SIMPLIFIED],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${SIMPLIFIED}`), 'utf-8', SIMPLIFIED],
  ['GB 18030', Buffer.from(GB, 'hex'), 'gb18030', SIMPLIFIED],
  ['Big5', Buffer.from(BIG5, 'hex'), 'big5', TRADITIONAL],
  ['Windows 1252', Buffer.from(CP1252, 'hex'), 'windows-1252', GERMAN],
  ['UTF-16 with a mark', Buffer.from(`\ufeff${SIMPLIFIED}`, 'utf16le'), 'utf-16le', SIMPLIFIED],
  ['UTF-16, other byte order, with a mark', swapped(`\ufeff${SIMPLIFIED}`), 'utf-16be', SIMPLIFIED],
  ['UTF-16 without a mark', Buffer.from(GERMAN, 'utf16le'), 'utf-16le', GERMAN],
  ['UTF-16, other byte order, without a mark', swapped(GERMAN), 'utf-16be', GERMAN],
];

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('the encoding of a file', () => {
  test.each(FILES)('%s', async (name, bytes, encoding, text) => {
    for (const size of [64, 1 << 20]) expect(await findEncoding(pieces(bytes, size))).toMatchObject({ encoding });
    const file = join(tempFolder(), 'a.csv');
    writeFileSync(file, bytes);
    const notes: Note[] = [];
    const rows: unknown[] = [];
    for await (const record of openRecords(file, { onNote: (note) => notes.push(note) }))
      rows.push('value' in record ? Object.values(record.value) : record);
    expect(rows).toEqual(
      text
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',')),
    );
    // What was judged and not said by the file itself has to be told.
    expect(notes.map(({ code, level }) => [code, level])).toEqual(
      encoding === 'utf-8' ? [] : [['ENCODING', name.endsWith('with a mark') ? 'note' : 'warning']],
    );
  });

  test('one broken line does not make a file of UTF-8 another encoding', async () => {
    const bytes = Buffer.concat([Buffer.from(SIMPLIFIED), Buffer.from([0xff, 0x0a]), Buffer.from(SIMPLIFIED)]);
    expect(await findEncoding(pieces(bytes, 10))).toMatchObject({ encoding: 'utf-8' });
  });

  test('a character that a chunk cuts is none that is broken', async () => {
    const line = Buffer.from('漢'.repeat(200_000));
    expect(await findEncoding(pieces(line, 65_537))).toMatchObject({ encoding: 'utf-8' });
  });
});
