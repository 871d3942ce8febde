import { expect, it } from 'vitest';
import { distinctName } from './distinct-name.ts';

it('numbers a name that is taken, with the first number that is free', () => {
  expect(distinctName('Tour: pirate', [])).toBe('Tour: pirate');
  expect(distinctName('Tour: pirate', ['Tour: pirate', 'Tour: pirate 3'])).toBe('Tour: pirate 2');
  expect(distinctName('Tour: pirate', ['Tour: pirate', 'Tour: pirate 2'])).toBe('Tour: pirate 3');
});
