import { expect, it } from 'vitest';
import { contract } from '../../shared/contract/index.ts';
import { assertWithin, LIMITS, limitOf } from './limits.ts';

/** Every call of the contract, by its path. */
const calls = Object.entries(contract).flatMap(([noun, procedures]) => Object.keys(procedures).map((name) => `${noun}.${name}`));

it('names calls of the contract, and each call has a limit', () => {
  expect(Object.keys(LIMITS).filter((call) => !calls.includes(call))).toEqual([]);
  for (const call of [...calls, 'toString', '__proto__'])
    for (const most of Object.values(limitOf(call))) expect(most, call).toBeLessThanOrEqual(16 * 1024 * 1024);
});

it('lets through what fits, and refuses what does not by name, however it is large', () => {
  assertWithin('runs.get', 'asked', { id: 'x'.repeat(60_000) });
  assertWithin('runs.remove', 'answered', undefined);
  const large: readonly unknown[] = [
    'x'.repeat(70_000),
    Array.from({ length: 40_000 }, () => 1),
    Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, null])),
    Array.from({ length: 300 }, () => ({ text: 'x'.repeat(300) })),
  ];
  for (const message of large) {
    expect(() => assertWithin('runs.get', 'asked', message)).toThrow(
      expect.objectContaining({ code: 'MESSAGE-TOO-LARGE', message: expect.stringContaining('runs.get') as string }),
    );
  }
  let deep: unknown = null;
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  expect(() => assertWithin('runs.get', 'asked', deep)).toThrow(expect.objectContaining({ code: 'MESSAGE-TOO-LARGE' }));
});
