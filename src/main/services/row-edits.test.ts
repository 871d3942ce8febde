import { expect, test } from 'vitest';
import type { CanonicalRow } from '../../shared/domain/dataset.ts';
import { withPlainText } from './row-edits.ts';

type Chat = Extract<CanonicalRow, { readonly kind: 'chat-prompt-completion' }>;

const row = (asked: string, answer: string, prompt = asked): Chat => ({
  kind: 'chat-prompt-completion', source: 1, prompt: [{ role: 'user', content: asked }], completion: [{ role: 'assistant', content: answer }], plain: { prompt, completion: answer },
});
const edited = (now: CanonicalRow, ofPairs = true) => {
  const edit = withPlainText({ kind: 'replace', key: 0, row: now }, ofPairs);
  return edit.kind === 'replace' ? edit.row : null;
};

test('the text without turns follows the turns', () => {
  expect(edited({ ...row('new', 'answer'), plain: { prompt: 'old', completion: 'old' } })).toEqual(row('new', 'answer'));
  // Joined without a line break, and still the same words.
  expect(edited({ ...row('Say:\nhi', 'new', 'Say:hi'), plain: { prompt: 'Say:hi', completion: 'old' } })).toEqual(row('Say:\nhi', 'new', 'Say:hi'));
  const { plain: _, ...added } = row('a', 'b');
  expect(edited(added)).toEqual(row('a', 'b'));
  expect(edited(added, false)).toEqual(added);
});

test('a row with more turns has no such text', () => {
  const longer = { ...row('a', 'b'), completion: [{ role: 'assistant', content: 'b' }, { role: 'user', content: 'c' }] };
  expect(edited(longer)).not.toHaveProperty('plain');
});
