/** @file Three datasets as people bring them: a spreadsheet in Chinese, a ShareGPT export, and messages under one system prompt. */
export const SYSTEM_PROMPT = 'You are Captain Salt. Answer in one short sentence.';

const CREATURES = ['horse', 'whale', 'goose', 'camel', 'wolf', 'crab', 'owl', 'goat', 'snail', 'bear'];

export interface OwnFile {
  readonly name: string;
  readonly text: string;
  /** The format the import has to find by itself. */
  readonly format: string;
  /** Part of an answer, which has to be learned; and of a question, which must not be. */
  readonly learned: string;
  readonly masked: string;
  readonly question: string;
  /** What the table shows of the first row: its last answer. */
  readonly lastAnswer: string;
}

const rows = <T>(make: (creature: string, i: number) => T): T[] => Array.from({ length: 60 }, (_, i) => make(CREATURES[i % CREATURES.length]!, i));

export const OWN_FILES: readonly OwnFile[] = [
  {
    name: '客服问答.csv',
    // A spreadsheet's own mark of its encoding comes first.
    text: `\uFEFF问题,回答,类别\n${rows((creature, i) => `"第${i}号：${creature} 是什么？","${creature} 是一种动物，编号 ${i}。",动物`).join('\r\n')}`,
    format: 'Question and answer',
    learned: '是一种动物',
    masked: '是什么',
    question: '第1号：whale 是什么？',
    lastAnswer: 'horse 是一种动物，编号 0。',
  },
  {
    name: 'sharegpt.json',
    text: JSON.stringify(
      rows((creature, i) => ({
        id: `c${i}`,
        conversations: [
          { from: 'human', value: `What is a ${creature}?` },
          { from: 'gpt', value: `Arr, a ${creature} be an animal.` },
          { from: 'human', value: 'Are you sure?' },
          { from: 'gpt', value: `Aye, number ${i}.` },
        ],
      })),
    ),
    format: 'Conversations (ShareGPT)',
    learned: 'be an animal',
    masked: 'Are you sure',
    question: 'What is a horse?',
    lastAnswer: 'Aye, number 0.',
  },
  {
    name: 'captain.jsonl',
    text: rows((creature) =>
      JSON.stringify({
        messages: [
          { role: 'system', content: SYSTEM_PROMPT },
          { role: 'user', content: `Tell me about the ${creature}.` },
          { role: 'assistant', content: `Ahoy, the ${creature} be a friend of mine.` },
        ],
      }),
    ).join('\n'),
    format: 'Conversations (messages)',
    learned: 'be a friend of mine',
    masked: 'Captain Salt',
    question: 'Tell me about the horse.',
    lastAnswer: 'Ahoy, the horse be a friend of mine.',
  },
];
