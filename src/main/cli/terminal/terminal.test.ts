import { describe, expect, it } from 'vitest';
import { bytes, duration, plural } from '../../../shared/lib/plain-words.ts';
import { displayWidth, padTo, printable, wrap } from './display-width.ts';
import { lossCurve } from './loss-curve.ts';
import { sideBySide } from './side-by-side.ts';
import { Terminal } from './terminal.ts';
import { bar } from './words.ts';

describe('text on a screen', () => {
  it('counts cells, not characters', () => {
    expect(displayWidth('abc')).toBe(3);
    expect(displayWidth('你好')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(padTo('你', 4)).toBe('你  ');
  });

  it('cannot be driven by what a model says', () => {
    expect(printable('\u001B[2Jx\r\u009B31m\u202Ey')).toBe('\u241B[2Jx\u240D\uFFFD31m\uFFFDy');
    expect(printable('a\nb\tc')).toBe('a\nb    c');
  });

  it('breaks at spaces, and inside words that are too long', () => {
    expect(wrap('one two three\nfour', 8)).toEqual(['one two', 'three', 'four']);
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrap('你好世界', 4)).toEqual(['你好', '世界']);
    expect(wrap('', 4)).toEqual(['']);
  });

  it('sets texts of different lengths side by side', () => {
    const lines = sideBySide(new Terminal(false), [
      { name: 'base', text: 'short' },
      { name: 'tuned', text: 'one\ntwo' },
    ]);
    expect(lines).toHaveLength(4);
    expect(lines[2]).toMatch(/^short +│ one$/);
    expect(lines[3]).toMatch(/^ +│ two$/);
  });
});

describe('the loss curve', () => {
  it('falls where the loss falls, within its width and height', () => {
    const lines = lossCurve(
      Array.from({ length: 500 }, (_, i) => 5 - i / 100),
      60,
      4,
    );
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(60);
    expect(lines[0]).toMatch(/^ {2}4\.9\d+ ┤█.* $/);
    // The first column is full, the last shows one eighth at the bottom only.
    expect(lines.map((line) => line.at(9))).toEqual(['█', '█', '█', '█']);
    expect(lines.map((line) => line.at(-1)).join('')).toBe('   ▁');
  });

  it('stands constant and short runs', () => {
    expect(lossCurve([1], 60, 4)).toEqual([]);
    expect(lossCurve([2, 2, 2], 60, 4).join('')).not.toContain('NaN');
  });
});

it('numbers in words', () => {
  expect([duration(3.21), duration(59.6), duration(125), duration(3725), duration(Infinity)]).toEqual([
    '3.2 s',
    '60 s',
    '2:05',
    '1:02:05',
    'unknown',
  ]);
  expect([bytes(512), bytes(1536), bytes(5 * 1024 ** 3)]).toEqual(['512 B', '1.5 KiB', '5.0 GiB']);
  expect([plural(1, 'row'), plural(1234, 'row')]).toEqual(['1 row', '1,234 rows']);
  for (const share of [0, 0.3, 0.999, 1, 2]) expect(displayWidth(bar(share, 10))).toBe(10);
});
