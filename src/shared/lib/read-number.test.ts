import { expect, it } from 'vitest';
import { type NumberKind, readNumber } from './read-number.ts';

const TOKENS: NumberKind = { integer: true, units: ['token', 'tokens'], names: ['max_length', 'Longest example'] };
const RATE: NumberKind = { names: ['learning_rate', 'lr', 'Learning rate'], units: ['lr'] };

it.each<readonly [text: string, value: number, kind?: NumberKind]>([
  ['2e-4', 0.0002],
  ['2E-4', 0.0002],
  ['.0003', 0.0003],
  ['1e-5', 0.00001],
  ['0.0002', 0.0002],
  ['2e−4', 0.0002],
  ['2 × 10⁻⁴', 0.0002],
  ['2*10^-4', 0.0002],
  ['2x10**-4', 0.0002],
  ['1,5', 1.5],
  [',5', 0.5],
  ['0,024', 0.024],
  ['1,50', 1.5],
  ['1,0245', 1.0245],
  ['5.', 5],
  ['1.024', 1.024],
  ['-1', -1],
  ['−1', -1],
  ['+3', 3],
  ['1_000', 1000],
  ['1 000', 1000],
  ['1\u00a0000', 1000],
  ['1\u202f000,5', 1000.5],
  ["1'000", 1000],
  ['1’000', 1000],
  ['1,024', 1024, TOKENS],
  ['1,024,000', 1_024_000],
  ['1.024.000', 1_024_000],
  ['1,024.5', 1024.5],
  ['1.024,5', 1024.5],
  ['５１２', 512],
  ['０．０００２', 0.0002],
  ['2ｅ－4', 0.0002],
  ['1，5', 1.5],
  ['5%', 0.05],
  ['5 %', 0.05],
  ['７％', 0.07],
  ['0.1%', 0.001],
  ['150%', 1.5],
  ['3%', 0.03, { share: true }],
  ['512 tokens', 512, TOKENS],
  ['512tokens', 512, TOKENS],
  ['1 token', 1, TOKENS],
  ['1,024 Tokens', 1024, TOKENS],
  ['max_length=512,', 512, TOKENS],
  ['"max_length": 512,', 512, TOKENS],
  ['"512"', 512, TOKENS],
  ['2e-4 lr', 0.0002, RATE],
  ['lr=2e-4', 0.0002, RATE],
  ['learning_rate: 2e-4', 0.0002, RATE],
  ['Learning rate 2e-4;', 0.0002, RATE],
  ['lr = "2e-4"', 0.0002, RATE],
  ['  7\n', 7],
  ['\t7 ', 7],
  ['0', 0],
  ['-0.5', -0.5],
  ['1e3', 1000],
])('reads %j as %d', (...[text, value, kind]) => {
  expect(readNumber(text as string, kind as NumberKind | undefined)).toEqual({ kind: 'number', value, plain: expect.any(Boolean) });
});

it.each<readonly [text: string, problem: object, kind?: NumberKind]>([
  ['1,024', { code: 'twoMeanings', first: '1024', second: '1.024' }],
  ['4k', { code: 'twoMeanings', first: '4000', second: '4096' }, TOKENS],
  ['2e', { code: 'unfinished' }],
  ['2e-', { code: 'unfinished' }],
  ['-', { code: 'unfinished' }],
  ['.', { code: 'unfinished' }],
  ['1.5e', { code: 'unfinished' }],
  ['abc', { code: 'notNumber' }],
  ['NaN', { code: 'notNumber' }],
  ['Infinity', { code: 'notNumber' }],
  ['--1', { code: 'notNumber' }],
  ['1 5', { code: 'notNumber' }],
  ['1,2,3', { code: 'notNumber' }],
  ['1.2.3', { code: 'notNumber' }],
  ['1,02,4.5', { code: 'notNumber' }],
  ['1__0', { code: 'notNumber' }],
  ['e5', { code: 'notNumber' }],
  ['0x10', { code: 'words', words: 'x10' }],
  ['512 apples', { code: 'words', words: 'apples' }, TOKENS],
  ['1/2', { code: 'words', words: '/2' }],
  ['5-3', { code: 'words', words: '-3' }],
  ['3 tokens', { code: 'words', words: 'tokens' }],
  ['100%', { code: 'shareTooLarge' }, { share: true }],
  ['1e400', { code: 'outOfReach' }],
  ['1e-400', { code: 'outOfReach' }],
  ['9'.repeat(500), { code: 'notNumber' }],
])('keeps %j as no number', (...[text, problem, kind]) => {
  expect(readNumber(text as string, kind as NumberKind | undefined)).toEqual({ kind: 'problem', problem });
});

it('takes nothing as nothing', () => {
  for (const text of ['', ' ', '\u3000']) expect(readNumber(text)).toEqual({ kind: 'empty' });
});

it('has nothing to explain where it is written as the program writes it', () => {
  const plain = (text: string) => {
    const reading = readNumber(text);
    return reading.kind === 'number' && reading.plain;
  };
  expect(['512', '0.0002', '1.50', '-1'].map(plain)).toEqual([true, true, true, true]);
  expect(['2e-4', '.5', '1,5', '1_000', '５', ' 5', '05', '5%'].map(plain)).toEqual(Array.from({ length: 8 }, () => false));
});

it('never reads a text as a number that JavaScript reads as another, whatever prefix of it stands there while typing', () => {
  for (const text of ['2e-4', '.0003', '1e-5', '0.0002', '-1', '12.5e3', '1000000']) {
    for (let end = 1; end <= text.length; end++) {
      const reading = readNumber(text.slice(0, end));
      if (reading.kind === 'number') expect(reading.value, text.slice(0, end)).toBe(Number(text.slice(0, end)));
      else expect(reading).toEqual({ kind: 'problem', problem: { code: 'unfinished' } });
    }
  }
});
