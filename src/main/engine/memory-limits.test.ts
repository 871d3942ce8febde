import { expect, it } from 'vitest';
import { memoryLimits } from './memory-limits.ts';

const GIB = 2 ** 30;

it.each([
  ['a large machine', 64 * GIB, 0, undefined, { weights: Math.floor(64 * GIB * 0.9), text: 4 * GIB }],
  ['a small one', 4 * GIB, 0, undefined, { weights: Math.floor(4 * GIB * 0.9), text: 2 * GIB }],
  ['a container', 64 * GIB, 2 * GIB, undefined, { weights: Math.floor(2 * GIB * 0.9), text: GIB }],
  [
    'a system without such a bound, which says so by a huge number',
    8 * GIB,
    2 ** 63,
    undefined,
    { weights: Math.floor(8 * GIB * 0.9), text: 4 * GIB },
  ],
  ['a person who allows less', 64 * GIB, 0, '1024', { weights: GIB, text: GIB }],
  ['a person who allows more than there is', 4 * GIB, 0, '99999', { weights: 4 * GIB, text: 4 * GIB }],
  ['a word that is no number', 8 * GIB, 0, 'much', { weights: Math.floor(8 * GIB * 0.9), text: 4 * GIB }],
])('%s', (_, total, constrained, asked, limits) => {
  expect(memoryLimits(total, constrained, asked)).toEqual(limits);
});
