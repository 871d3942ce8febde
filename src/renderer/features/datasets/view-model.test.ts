import { expect, it } from 'vitest';
import type { CanonicalRow, Message } from '../../../shared/domain/dataset.ts';
import { cellsOf } from './view-model.ts';

const turn = (role: string, content: string): Message => ({ role, content });
const chat = (...messages: Message[]): CanonicalRow => ({ kind: 'messages', source: 1, messages });

it.each<readonly [string, CanonicalRow, ReturnType<typeof cellsOf>]>([
  [
    'the last question, not the system prompt that every row shares',
    chat(turn('system', 'Be brief.'), turn('user', 'Hi'), turn('assistant', 'Ho')),
    { asked: 'Hi', learned: 'Ho', system: 'Be brief.', earlierTurns: 0 },
  ],
  [
    'the turns before it by number',
    chat(turn('user', 'a'), turn('assistant', 'b'), turn('user', 'c'), turn('assistant', 'd')),
    { asked: 'c', learned: 'd', system: null, earlierTurns: 2 },
  ],
  [
    'an answer after tool results',
    chat(turn('user', 'a'), turn('assistant', 'call'), turn('tool', '3'), turn('assistant', 'b')),
    { asked: 'a', learned: 'b', system: null, earlierTurns: 0 },
  ],
  ['a conversation nobody has answered', chat(turn('user', 'a')), { asked: 'a', learned: '', system: null, earlierTurns: 0 }],
  [
    'a pair of turns',
    { kind: 'chat-prompt-completion', source: 1, prompt: [turn('user', 'a')], completion: [turn('assistant', 'b')] },
    { asked: 'a', learned: 'b', system: null, earlierTurns: 0 },
  ],
  ['plain text in one piece', { kind: 'text', source: 1, text: 'x' }, { asked: '', learned: 'x', system: null, earlierTurns: 0 }],
])('the table shows %s', (_name, row, cells) => {
  expect(cellsOf(row)).toEqual(cells);
});
