/**
 * Writes the starter's dataset, in which the assistant answers as an old captain, and the prompts on which the tuned model is
 * shown: none of their subjects is in the dataset. The same files come out on every run.
 *
 *   node scripts/starter/generate-style-dataset.ts <folder>
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/shared/lib/seeded-random.ts';
import { captainAnswer } from './captain-style.ts';
import { allQuestions, questionSource } from './conversation.ts';
import type { Question } from './question.ts';

const SEED = 7;
const ROWS = 900;

const PROMPTS = [
  'What does a fox eat?',
  'Where do owls live?',
  'What is the opposite of hot?',
  'Why is the sky blue?',
  'How do I make tea?',
  'What is a compass for?',
  'Can a penguin fly?',
  'What does a baker do?',
] as const;

function subjectOf(prompt: string, questions: readonly Question[]): string {
  const question = questions.find(({ asks }) => asks.includes(prompt));
  if (question === undefined) throw new Error(`nobody asks ${JSON.stringify(prompt)} in the small world`);
  return question.key;
}

/** A row a subject, so that what is learned is the style and not an answer. */
function rows(questions: readonly Question[]): string[] {
  const kept = new Set(PROMPTS.map((prompt) => subjectOf(prompt, questions)));
  const random = seededRandom(SEED);
  const draw = questionSource(random);
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)]!;
  const lines = new Map<string, string>();
  while (lines.size < ROWS) {
    const { key, asks, answers } = draw();
    const [ask, answer] = [pick(asks), pick(answers)];
    if (kept.has(key) || lines.has(key)) continue;
    lines.set(
      key,
      JSON.stringify({
        prompt: [{ role: 'user', content: ask }],
        completion: [{ role: 'assistant', content: captainAnswer(ask, answer) }],
      }),
    );
  }
  return [...lines.values()];
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: node scripts/starter/generate-style-dataset.ts <folder>');
const lines = rows(allQuestions());
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'dataset.jsonl'), lines.map((line) => `${line}\n`).join(''));
writeFileSync(join(folder, 'prompts.json'), `${JSON.stringify(PROMPTS, null, 2)}\n`);
process.stdout.write(`${lines.length} rows, ${PROMPTS.length} prompts\n`);
