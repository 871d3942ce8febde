/**
 * Writes a small chat dataset in a house style that nobody can miss: each answer is a terse entry of a ship's log with a
 * fixed opening and sign-off. The text is our own; the same files come out on every run.
 *
 *   node scripts/datasets/ships-log.ts <folder>
 *
 * `train.jsonl` and `eval.jsonl` hold rows {prompt: message[], completion: message[]}; no subject is in both.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { FACTS, type Fact, type QuestionKind } from './ships-log-facts.ts';

const OPENING = "Ship's log.";
const SIGN_OFF = 'All well aboard.';

const PATTERNS: { readonly [K in QuestionKind]: readonly string[] } = {
  thing: ['What is {}?', 'Can you explain {} in simple terms?', 'Tell me about {}.'],
  task: ['How do I {}?', 'I want to {}. What should I do?', 'Give me some tips to {}.'],
  reason: ['Why {}?', 'Can you tell me why {}?', 'A child asked me: why {}?'],
  chat: ['{}'],
};

/** One subject in this many is kept for evaluation. */
const HELD_OUT = 10;

const answer = (fact: Fact): string => `${OPENING} ${fact.heading}: ${fact.notes.join('. ')}. ${SIGN_OFF}`;

function rowsOf(fact: Fact): readonly string[] {
  return PATTERNS[fact.kind].map((pattern) => {
    const prompt = [{ role: 'user', content: pattern.replace('{}', fact.subject) }];
    return JSON.stringify({ prompt, completion: [{ role: 'assistant', content: answer(fact) }] });
  });
}

const folder = process.argv[2];
if (folder === undefined) {
  throw new Error('usage: node scripts/datasets/ships-log.ts <folder>');
}
mkdirSync(folder, { recursive: true });
const evaluation = FACTS.filter((_, index) => index % HELD_OUT === HELD_OUT - 1);
const training = FACTS.filter((_, index) => index % HELD_OUT !== HELD_OUT - 1);
for (const [name, facts] of [
  ['train', training],
  ['eval', evaluation],
] as const) {
  const rows = facts.flatMap(rowsOf);
  writeFileSync(join(folder, `${name}.jsonl`), rows.map((row) => `${row}\n`).join(''));
  process.stdout.write(`${name}: ${rows.length} rows, ${facts.length} subjects\n`);
}
