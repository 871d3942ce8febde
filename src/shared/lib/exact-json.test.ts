import { describe, expect, test } from 'vitest';
import { exactText, markedNumber, parseExact, plainKey, withoutOwnMarks } from './exact-json.ts';

describe('JSON that a value gives back as it stands', () => {
  test.each([
    '{"a":2512292042121000001,"b":1.0,"c":-0,"d":1e5,"e":1E+400,"f":[1.50,{"10":1,"2":-0.0}]}',
    '{"b":1,"10":2,"2":3,"01":4,"4294967294":5}',
    '{"\\u0000":"1.0","\\u00005":1,"5":"\\u00005","x":{"\\u0000\\u0000":{"\\u0000":"no number"}}}',
    '{"a":"1.0","b":"\\"10\\":1.0,{\\"\\\\u0000\\":\\"1.0\\"}","c":"{","d":"\\\\"}',
    '[1.0,{},[],"",{"1":{}}]',
    '1.0',
    '"10"',
  ])('%s', (text) => {
    const value = parseExact(text);
    expect(exactText(value)).toBe(text);
    // Kept and sent as ordinary JSON.
    expect(exactText(JSON.parse(JSON.stringify(value)))).toBe(text);
  });

  test('ordinary values are not touched', () => {
    const text = '{"b":1,"a":[0,-2,0.5,1e-7,"x",null,true],"c10":{"x1":-9007199254740991}}';
    expect(parseExact(text)).toEqual(JSON.parse(text));
    expect(JSON.stringify(parseExact(text))).toBe(text);
  });

  test('spaces between, escapes in keys, keys given twice', () => {
    expect(exactText(parseExact('{ "\\u0031\\u0030" :\t1.0 ,\n"a\\"1" : [ 2e1 ] }'))).toBe('{"10":1.0,"a\\"1":[2e1]}');
    expect(exactText(parseExact('{"1":1.0,"a":2,"1":3.0}'))).toBe('{"1":3.0,"a":2}');
  });

  test('faults name the place in the text as given', () => {
    expect(() => parseExact('{"1":1.0,"2":3 4}')).toThrow(/position 15/);
  });

  test('what only looks like a mark is none', () => {
    expect(markedNumber({ '\u0000': '1.0' })).toBe('1.0');
    for (const other of [{ '\u0000': '1.0', a: 1 }, { '\u0000': '01' }, { '\u0000': 1 }, { '\u0000': '__proto__' }, null, '\u00001.0', ['1.0']])
      expect(markedNumber(other)).toBeUndefined();
    expect(['\u000010', '\u0000a', '\u0000\u0000a', '10', '\u0000messages'].map(plainKey)).toEqual([
      '10',
      '\u0000a',
      '\u0000a',
      '10',
      '\u0000messages',
    ]);
  });

  test('a row has its columns by their names, and numbers as JavaScript has them', () => {
    const row = parseExact('{"10":1.0,"x":[1.0],"__proto__":2.0}') as Readonly<Record<string, unknown>>;
    expect(Object.entries(withoutOwnMarks(row))).toEqual([
      ['10', 1],
      ['x', [{ '\u0000': '1.0' }]],
      ['__proto__', 2],
    ]);
  });
});
