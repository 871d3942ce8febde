/** @file Conversations in ChatML: what the starter model learns to answer from. */
import { animalFollowUps, animalQuestions } from './animal-questions.ts';
import { capital, isHeldOut, type Question, withArticle } from './question.ts';
import { type Pick, story } from './stories.ts';
import { thingQuestions } from './thing-questions.ts';
import { wordQuestions } from './word-questions.ts';
import { ANIMALS } from './world/animals.ts';

export interface Turn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** The text the chat template of the starter model makes of the turns. */
export function chatText(turns: readonly Turn[]): string {
  return turns.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join('');
}

export function allQuestions(): Question[] {
  return [...animalQuestions(), ...thingQuestions(), ...wordQuestions()];
}

/** Share of each first word of a key among questions drawn: else the many comparisons and sums would drown the rest. */
const SHARES: Readonly<Record<string, number>> = {
  animal: 26,
  compare: 4,
  guess: 4,
  food: 9,
  thing: 13,
  job: 7,
  place: 9,
  sky: 5,
  season: 3,
  opposite: 5,
  colour: 4,
  day: 2,
  month: 2,
  count: 2,
  number: 3,
  sum: 3,
  rhyme: 2,
  body: 2,
  how: 9,
  why: 7,
  talk: 6,
};

const SYSTEMS = ['You are a helpful assistant.', 'You answer in plain English.', 'You are a friendly helper.'] as const;
const OPENERS = ['Hello! ', 'Please tell me: ', 'I have a question. ', 'My child asks: ', 'Quick question: '] as const;

/** Draws questions by group; held-out phrasings are removed. */
export function questionSource(random: () => number): () => Question {
  const groups = new Map<string, Question[]>();
  for (const question of allQuestions()) {
    const asks = question.asks.filter((ask) => !isHeldOut(ask));
    const group = question.key.split(' ')[0]!;
    if (asks.length > 0) groups.set(group, [...(groups.get(group) ?? []), { ...question, asks }]);
  }
  const total = [...groups.keys()].reduce((sum, group) => sum + (SHARES[group] ?? 1), 0);
  return () => {
    let left = random() * total;
    for (const [group, questions] of groups) {
      left -= SHARES[group] ?? 1;
      if (left < 0) return questions[Math.floor(random() * questions.length)]!;
    }
    return groups.get('animal')![0]!;
  };
}

/** One to three questions with their answers, or a story on request; sometimes with a system message. */
export function conversation(pick: Pick, random: () => number, draw: () => Question): Turn[] {
  const system: Turn[] = random() < 0.06 ? [{ role: 'system', content: pick(SYSTEMS) }] : [];
  const kind = random();
  if (kind < 0.1) return [...system, ...storyRequest(pick)];
  if (kind < 0.18) return [...system, ...aboutOneAnimal(pick)];
  const turns = pick([1, 1, 1, 1, 2, 2, 3]);
  return [...system, ...Array.from({ length: turns }, () => exchange(pick, random, draw())).flat()];
}

function exchange(pick: Pick, random: () => number, question: Question): Turn[] {
  const ask = pick(question.asks);
  return [
    { role: 'user', content: typed(pick, random, ask) },
    { role: 'assistant', content: pick(question.answers) },
  ];
}

/** People do not always type a neat sentence. */
function typed(pick: Pick, random: () => number, ask: string): string {
  const manner = random();
  if (manner < 0.05) return ask.toLowerCase().replace(/[?.!]$/, '');
  if (manner < 0.08) return ask.replace(/[?.!]$/, '');
  if (manner < 0.13) return `${pick(OPENERS)}${ask}`;
  return ask;
}

function storyRequest(pick: Pick): Turn[] {
  const animal = pick([null, ...ANIMALS]);
  const a = animal && withArticle(animal.one);
  const ask =
    a === null
      ? pick(['Tell me a story.', 'Tell me a short story.', 'Please tell me a story.', 'Do you know a story?'])
      : pick([
          `Tell me a story about ${a}.`,
          `Tell me a short story about ${a}.`,
          `Write a short story about ${a}.`,
          `Do you know a story about ${a}?`,
          `I would like to hear a story about ${a}.`,
        ]);
  return [
    { role: 'user', content: ask },
    { role: 'assistant', content: story(pick, animal) },
  ];
}

function aboutOneAnimal(pick: Pick): Turn[] {
  const animal = pick(ANIMALS);
  const a = withArticle(animal.one);
  const first: Turn[] = [
    { role: 'user', content: pick([`What is ${a}?`, `Do you know what ${a} is?`, `I saw ${a} today. What is it?`]) },
    { role: 'assistant', content: `${capital(a)} is ${withArticle(animal.kind)} with ${animal.feature}.` },
  ];
  const followUps = animalFollowUps(animal);
  const more = Array.from({ length: pick([1, 2]) }, () => pick(followUps));
  return [
    ...first,
    ...more.flatMap(([ask, answer]): Turn[] => [
      { role: 'user', content: ask },
      { role: 'assistant', content: answer },
    ]),
  ];
}
