import { capital, listed, type Question } from './question.ts';
import { REASONS, TALK, TASKS, type Task } from './world/tasks.ts';
import { BODY, COLOURS, DAYS, MONTHS, NUMBERS, OPPOSITES, RHYMES } from './world/words.ts';

/** Everything that may be asked of words, numbers, days, how-to, why, and small talk. */
export function wordQuestions(): Question[] {
  return [...opposites(), ...colours(), ...calendar(), ...numbers(), ...rhymes(), ...body(), ...TASKS.flatMap(howTo), ...reasons(), ...talk()];
}

function opposites(): Question[] {
  const both = [...OPPOSITES, ...OPPOSITES.map(([a, b]) => [b, a] as const)];
  const words = [...new Set(both.map(([word]) => word))];
  return words.map((word) => ({
    key: `opposite ${word}`,
    asks: [
      `What is the opposite of ${word}?`,
      `Tell me the opposite of ${word}.`,
      `Which word is the opposite of ${word}?`,
      `What is the reverse of ${word}?`,
    ],
    answers: [`The opposite of ${word} is ${both.find(([a]) => a === word)![1]}.`],
  }));
}

function colours(): Question[] {
  return COLOURS.flatMap(({ name, things, mix }) => [
    {
      key: `colour ${name} things`,
      asks: [`What is ${name}?`, `Name something that is ${name}.`, `Which things are ${name}?`, `Can you name a ${name} thing?`],
      answers: things.map((thing) => `${capital(thing)} ${/^some|grass$/.test(thing) && thing !== 'grass' ? 'are' : 'is'} ${name}.`),
    },
    ...(mix === null
      ? []
      : [
          {
            key: `colour ${name} mix`,
            asks: [
              `How do I make ${name}?`,
              `Which colours make ${name}?`,
              `What do I mix to get ${name}?`,
              `What happens if I mix ${mix[0]} and ${mix[1]}?`,
            ],
            answers: [`Mix ${mix[0]} and ${mix[1]} to get ${name}.`, `${capital(mix[0])} and ${mix[1]} make ${name}.`],
          },
        ]),
  ]);
}

function calendar(): Question[] {
  const around = (names: readonly string[], what: string): Question[] =>
    names.flatMap((name, i) => {
      const next = names[(i + 1) % names.length]!;
      const before = names[(i + names.length - 1) % names.length]!;
      return [
        {
          key: `${what} ${name} next`,
          asks: [`Which ${what} comes after ${name}?`, `What comes after ${name}?`, `Which ${what} follows ${name}?`],
          answers: [`${next} comes after ${name}.`, `The ${what} after ${name} is ${next}.`],
        },
        {
          key: `${what} ${name} before`,
          asks: [`Which ${what} comes before ${name}?`, `What comes before ${name}?`],
          answers: [`${before} comes before ${name}.`, `The ${what} before ${name} is ${before}.`],
        },
      ];
    });
  return [
    ...around(DAYS, 'day'),
    ...around(MONTHS, 'month'),
    {
      key: 'count days',
      asks: ['How many days are in a week?', 'How many days does a week have?', 'Name the days of the week.'],
      answers: [`A week has seven days. They are ${listed(DAYS)}.`, 'A week has seven days.'],
    },
    { key: 'count months', asks: ['How many months are in a year?', 'How many months does a year have?'], answers: ['A year has twelve months.'] },
    {
      key: 'count seasons',
      asks: ['How many seasons are there?', 'Name the seasons.', 'Which seasons are there?'],
      answers: ['There are four seasons. They are spring, summer, autumn and winter.'],
    },
  ];
}

function numbers(): Question[] {
  const questions: Question[] = [];
  NUMBERS.forEach((name, n) => {
    if (n < 20)
      questions.push({
        key: `number ${name} next`,
        asks: [`Which number comes after ${name}?`, `What comes after ${name}?`, `Count one more than ${name}.`],
        answers: [`${capital(NUMBERS[n + 1]!)} comes after ${name}.`],
      });
    if (n > 0)
      questions.push({
        key: `number ${name} before`,
        asks: [`Which number comes before ${name}?`, `What comes before ${name}?`],
        answers: [`${capital(NUMBERS[n - 1]!)} comes before ${name}.`],
      });
    if (n > 1 && n <= 12)
      questions.push({
        key: `count to ${name}`,
        asks: [`Count to ${name}.`, `Can you count to ${name}?`, `Please count to ${name}.`],
        answers: [`${capital(NUMBERS.slice(1, n + 1).join(', '))}.`],
      });
  });
  return [...questions, ...sums()];
}

function sums(): Question[] {
  const counted = NUMBERS.map((name, value) => ({ name, value })).slice(1);
  const pairs = counted.flatMap((a) => counted.filter((b) => a.value + b.value <= 12).map((b) => [a, b] as const));
  return pairs.map(([a, b]) => ({
    key: `sum ${a.name} ${b.name}`,
    asks: [`What is ${a.name} plus ${b.name}?`, `How much is ${a.name} and ${b.name}?`, `Add ${a.name} and ${b.name}.`],
    answers: [`${capital(a.name)} plus ${b.name} is ${NUMBERS[a.value + b.value]}.`],
  }));
}

function rhymes(): Question[] {
  return RHYMES.flatMap((group) =>
    group.map((word) => ({
      key: `rhyme ${word}`,
      asks: [`What rhymes with ${word}?`, `Which word rhymes with ${word}?`, `Give me a word that rhymes with ${word}.`],
      answers: group.filter((other) => other !== word).map((other) => `The word ${other} rhymes with ${word}.`),
    })),
  );
}

function body(): Question[] {
  return BODY.map(([part, use, plural]) => ({
    key: `body ${part}`,
    asks: [
      `What ${plural ? 'are' : 'is'} my ${part} for?`,
      `Why do I have ${plural ? '' : 'a '}${part}?`.replace('a skin', 'skin'),
      `What do we use our ${part} for?`,
    ],
    answers: [`You use your ${part} to ${use}.`, `Your ${part} ${plural ? 'help' : 'helps'} you to ${use}.`],
  }));
}

function howTo({ task, steps }: Task): Question[] {
  const [first, ...rest] = steps as [string, ...string[]];
  const last = rest.at(-1)!;
  const middle = rest.slice(0, -1).map((step) => `then ${step}`);
  const inOne = `First ${[first, ...middle].join(', ')}, and at last ${last}.`;
  const sentences = `First ${first}. ${rest
    .slice(0, -1)
    .map((step) => `Then ${step}. `)
    .join('')}At last ${last}.`;
  const mine = task.replace('your', 'my');
  return [
    {
      key: `how to ${task}`,
      asks: [
        `How do I ${mine}?`,
        `How can I ${mine}?`,
        `Tell me how to ${mine}.`,
        `I want to ${mine}. What should I do?`,
        `What do I do to ${mine}?`,
        `Explain how to ${mine}.`,
      ],
      answers: [inOne, sentences, `To ${task}, first ${first}. ${rest.map((step) => `Then ${step}.`).join(' ')}`],
    },
  ];
}

function reasons(): Question[] {
  return REASONS.map(([question, reason]) => ({
    key: `why ${question}`,
    asks: [`Why ${question}?`, `Can you tell me why ${plainOrder(question)}?`, `Please explain: why ${question}?`, `I wonder: why ${question}?`],
    answers: [`${capital(reason)}.`],
  }));
}

/** "do birds sing" and "is the sky blue" in the order of a statement. */
function plainOrder(question: string): string {
  const reason = REASONS.find(([asked]) => asked === question)![1];
  return reason.slice(0, reason.indexOf(' because'));
}

function talk(): Question[] {
  return TALK.map(([asks, answers]) => ({ key: `talk ${asks[0]}`, asks, answers }));
}
