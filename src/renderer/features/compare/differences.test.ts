import { describe, expect, it } from 'vitest';
import { additions, removals } from './differences.ts';

const [BASE, TUNED] = ['A fox eats mice.\nIt hunts.', 'Ahoy! A fox eats fat mice.  It hunts.'];

describe('differences', () => {
  it('marks what was added, and the answer can still be read: nothing but its own words is in it', () => {
    const parts = additions(BASE, TUNED)!;
    expect(parts.map(({ text }) => text).join('')).toBe(TUNED);
    expect(parts).toContainEqual({ kind: 'added', text: expect.stringContaining('fat') });
    expect(parts.some(({ kind }) => kind === 'removed')).toBe(false);
  });

  it('marks in the other what is missing here, with all of its own words', () => {
    const parts = removals('A sly fox eats mice.', ['A fox eats fat mice.'])!;
    expect(parts.map(({ text }) => text).join('')).toBe('A sly fox eats mice.');
    expect(parts.filter(({ kind }) => kind === 'removed').map(({ text }) => text.trim())).toEqual(['sly']);
  });

  it('marks as removed only what no column has', () => {
    const parts = removals('one two three', ['one three', 'one two']) ?? [];
    expect(parts.filter(({ kind }) => kind === 'removed')).toEqual([]);
    expect(
      removals('one two three', ['one', 'one'])!
        .filter(({ kind }) => kind === 'removed')
        .map(({ text }) => text)
        .join(''),
    ).toContain('two three');
    expect(removals('one', [])).toEqual([{ kind: 'same', text: 'one' }]);
  });

  it('finds nothing between equal answers', () => {
    expect(additions('same words', 'same words')).toEqual([{ kind: 'same', text: 'same words' }]);
  });

  it('gives up on long answers that share nothing rather than holding the page up', () => {
    const words = (stem: string) => Array.from({ length: 20_000 }, (_, i) => `${stem}${i}`).join(' ');
    expect(additions(words('a'), words('b'))).toBeNull();
    expect(removals(words('a'), [words('b')])).toBeNull();
  });
});
