import { expect, it, test } from 'vitest';
import type { CanonicalRow, Message } from '../../../shared/domain/dataset.ts';
import { checkRowEdit, withPlainText } from './row-edits.ts';

type Chat = Extract<CanonicalRow, { readonly kind: 'chat-prompt-completion' }>;

const row = (asked: string, answer: string, prompt = asked): Chat => ({
  kind: 'chat-prompt-completion',
  source: 1,
  prompt: [{ role: 'user', content: asked }],
  completion: [{ role: 'assistant', content: answer }],
  plain: { prompt, completion: answer },
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
  const longer = {
    ...row('a', 'b'),
    completion: [
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
    ],
  };
  expect(edited(longer)).not.toHaveProperty('plain');
});

const chat = (...messages: Message[]): CanonicalRow => ({ kind: 'messages', source: 1, messages });
const pair = (prompt: string, completion: string): CanonicalRow => ({ kind: 'prompt-completion', source: 1, prompt, completion });
const user: Message = { role: 'user', content: 'Hi' };

it.each<readonly [string, CanonicalRow, RegExp]>([
  ['blank text', { kind: 'text', source: 1, text: ' \n' }, /text is empty/],
  ['an empty completion', pair('p', ''), /completion is empty/],
  ['a completion of blanks', pair('p', '   \n'), /completion is empty/],
  ['a blank prompt', pair(' ', 'c'), /prompt is empty/],
  ['a conversation without turns', chat(), /no turn/],
  ['a blank answer', chat(user, { role: 'assistant', content: '\u3000' }), /Turn 2 \(assistant\) is empty/],
  [
    'a blank completion turn',
    { kind: 'chat-prompt-completion', source: 1, prompt: [user], completion: [{ role: 'assistant', content: '' }] },
    /Turn 2/,
  ],
])('refuses %s', (_name, row, message) => {
  expect(() => checkRowEdit({ kind: 'replace', key: 0, row }, row.kind, () => true)).toThrow(
    expect.objectContaining({ code: 'ROW-EMPTY', message: expect.stringMatching(message) }),
  );
});

it('takes a turn that only calls tools, and a system turn left empty', () => {
  const row = chat({ role: 'system', content: '' }, user, { role: 'assistant', content: null, tool_calls: [{ type: 'function' }] });
  checkRowEdit({ kind: 'add', row }, 'messages', () => true);
});
