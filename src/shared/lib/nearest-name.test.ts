import { expect, it } from 'vitest';
import { findDuplicateKey } from './duplicate-key.ts';
import { nearestName } from './nearest-name.ts';

it.each([
  ['learning_rte', 'learning_rate'],
  ['LEARNING_RATE', 'learning_rate'],
  ['alpha', 'lora_alpha'],
  ['sed', 'seed'],
  ['sede', 'seed'],
  ['qqqqqq', null],
  ['', null],
  ['micro_batch_size', null],
  ['optimizer', null],
  ['torch_dtype', null],
  ['lora', null],
  ['warp', null],
])('nearestName(%s) is %s', (typed, expected) => {
  expect(nearestName(typed, ['learning_rate', 'lora_alpha', 'seed', 'r', 'save_steps'])).toBe(expected);
});

it.each([
  ['{"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]}', null],
  ['{"a":1,"b":2,"a":3}', 'a'],
  ['[{"x":{"k":1,"k":2}}]', 'k'],
  [String.raw`{"a":"\"a\":","b":"{\"b\"","c\"":1}`, null],
  [String.raw`{"\u0061":1,"a":2}`, 'a'],
  ['["a","a"]', null],
  [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, null],
])('findDuplicateKey', (text, expected) => {
  expect(findDuplicateKey(text)).toBe(expected);
});
