import { describe, expect, it } from 'vitest';
import { differences } from './differences.ts';

describe('differences', () => {
  it('marks words, spaces included, so that the parts are the two texts', () => {
    const [before, after] = ['A fox eats mice.\nIt hunts.', 'Ahoy! A fox eats fat mice.  It hunts.'];
    const parts = differences(before, after)!;
    expect(parts.filter(({ kind }) => kind !== 'removed').map(({ text }) => text).join('')).toBe(after);
    expect(parts.filter(({ kind }) => kind !== 'added').map(({ text }) => text).join('')).toBe(before);
    expect(parts).toContainEqual({ kind: 'added', text: expect.stringContaining('fat') });
  });

  it('finds nothing between equal answers', () => {
    expect(differences('same words', 'same words')).toEqual([{ kind: 'same', text: 'same words' }]);
  });

  it('gives up on long answers that share nothing rather than holding the page up', () => {
    const words = (stem: string) => Array.from({ length: 20_000 }, (_, i) => `${stem}${i}`).join(' ');
    expect(differences(words('a'), words('b'))).toBeNull();
  });
});
