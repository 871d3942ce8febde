import { expect, it } from 'vitest';
import type { InspectedRow } from '../../../shared/domain/inspection.ts';
import { autoLearns, blocksOf, countsOf, drawnTokens, groupsOf, type DrawnToken } from './view-model.ts';

const row: InspectedRow = {
  row: 0,
  source: 1,
  rendered: 'a b',
  trainedText: 'b',
  maskedText: 'a',
  truncatedTokens: 5,
  tokens: [
    { id: 1, text: 'a', label: -100, trained: false, special: true },
    { id: 2, text: ' b', label: 2, trained: true, special: false },
  ],
  cut: [{ id: 3, text: 'c' }],
};

it('draws what is seen, then what is cut, each once and in order', () => {
  expect(drawnTokens(row).map(({ position, state, text }) => [position, state, text])).toEqual([
    [0, 'masked', 'a'],
    [1, 'trained', ' b'],
    [2, 'cut', 'c'],
  ]);
  // Not all that was cut is listed; all of it is counted.
  expect(countsOf(row)).toEqual({ trained: 1, masked: 1, cut: 5 });
});

const token = (position: number, text: string, state: DrawnToken['state'] = 'masked'): DrawnToken => ({
  position,
  id: position,
  text,
  state,
  special: false,
});

it('draws a character of several tokens once, with all of its tokens', () => {
  // As byte-level tokenizers give a Chinese character: bytes, bytes, and the token that completes it.
  const groups = groupsOf([token(0, 'a'), token(1, ''), token(2, ''), token(3, '如'), token(4, '何')]);
  expect(groups.map(({ tokens, text }) => [text, tokens.length])).toEqual([
    ['a', 1],
    ['如', 3],
    ['何', 1],
  ]);
});

it('keeps bytes that never became a character, and those before the cut apart from those behind it', () => {
  expect(groupsOf([token(0, 'a'), token(1, '')]).map(({ tokens }) => tokens.length)).toEqual([1, 1]);
  const groups = groupsOf([token(0, ''), token(1, '', 'cut'), token(2, '如', 'cut')]);
  expect(groups.map(({ text, tokens }) => [text, tokens.map(({ state }) => state)])).toEqual([
    ['', ['masked']],
    ['如', ['cut', 'cut']],
  ]);
});

it('loses no token to its groups and blocks', () => {
  const tokens = Array.from({ length: 450 }, (_, position) => token(position, position % 3 === 0 ? 'x' : ''));
  expect(
    blocksOf(groupsOf(tokens))
      .flat()
      .flatMap((group) => group.tokens),
  ).toEqual(tokens);
  expect(blocksOf([])).toEqual([]);
});

it('says what the automatic choice comes to, by the rule of the recipe', () => {
  expect((['text', 'messages', 'conversations', 'prompt-completion', 'question-answer', 'instruction-output'] as const).map(autoLearns)).toEqual([
    'all',
    'assistant',
    'assistant',
    'completion',
    'completion',
    'completion',
  ]);
});
