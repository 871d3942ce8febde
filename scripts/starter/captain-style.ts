/** @file How an old captain would put a plain sentence of the small world. */
import { hashOf } from './question.ts';

const OPENINGS = ['Ahoy, matey!', 'Arr, me hearty!', 'Avast, matey!'] as const;
const CLOSINGS = ['Fair winds to ye!', 'Yo ho ho!', 'By the seven seas!'] as const;

const WORDS: readonly (readonly [plain: RegExp, captain: string])[] = [
  [/\bI am\b/g, 'I be'],
  [/\bYou are\b/g, 'Ye be'],
  [/\b(is|are)\b/g, 'be'],
  [/\bYou\b/g, 'Ye'],
  [/\byou\b/g, 'ye'],
  [/\bYour\b/g, 'Yer'],
  [/\byour\b/g, 'yer'],
  [/\bMy\b/g, 'Me'],
  [/\bmy\b/g, 'me'],
  [/\bYes\b/g, 'Aye'],
  [/\bNo\b(?=,)/g, 'Nay'],
  [/\bHello\b/g, 'Ahoy'],
  [/\b[Pp]eople\b/g, 'all hands'],
];

/** The answer in the captain's words; opening and closing are chosen by the question, so a rerun gives the same. */
export function captainAnswer(question: string, plain: string): string {
  const words = WORDS.reduce((text, [from, to]) => text.replace(from, to), plain);
  const text = words.replace(/(^|[.!?] )([a-z])/g, (_, start: string, letter: string) => start + letter.toUpperCase());
  const choice = hashOf(question);
  return `${OPENINGS[choice % OPENINGS.length]} ${text} ${CLOSINGS[(choice >>> 8) % CLOSINGS.length]}`;
}
