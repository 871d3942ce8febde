import { expect, it } from 'vitest';
import type { InspectedRow } from '../../../shared/domain/inspection.ts';
import { blocksOf, countsOf, drawnTokens, visibleText } from './view-model.ts';

const row: InspectedRow = {
  row: 0, source: 1, rendered: 'a b', trainedText: 'b', maskedText: 'a', truncatedTokens: 5,
  tokens: [{ id: 1, text: 'a', label: -100, trained: false, special: true }, { id: 2, text: ' b', label: 2, trained: true, special: false }],
  cut: [{ id: 3, text: 'c' }],
};

it('draws what is seen, then what is cut, each once and in order', () => {
  expect(drawnTokens(row).map(({ position, state, text }) => [position, state, text])).toEqual([[0, 'masked', 'a'], [1, 'trained', ' b'], [2, 'cut', 'c']]);
  // Not all that was cut is listed; all of it is counted.
  expect(countsOf(row)).toEqual({ trained: 1, masked: 1, cut: 5 });
});

it('loses no token to its blocks', () => {
  const tokens = Array.from({ length: 450 }, (_, position) => ({ position, id: position, text: 'x', state: 'masked' as const, special: false }));
  expect(blocksOf(tokens).flat()).toEqual(tokens);
  expect(blocksOf([])).toEqual([]);
});

it('shows line breaks and tabs without losing them', () => {
  expect(visibleText('a\n\tb')).toBe('a↵\n⇥\tb');
});
