import { describe, expect, test } from 'vitest';
import { canonicalRowSchema } from '../../../shared/domain/dataset.ts';
import { detectFormat } from '../detect.ts';
import type { DetectOptions } from '../chosen-format.ts';
import type { JsonObject } from '../readers/source-record.ts';
import { convertRow } from './convert-row.ts';

/** Converts `row` by the plan that `like` (or itself) gives; without `source`, which all share. */
function convert(row: JsonObject, options: DetectOptions = {}, like: JsonObject = row) {
  const notes = new Set<string>();
  const { plan } = detectFormat('a', [like], options);
  const result = convertRow(row, 5, { plan, note: ({ code, message }) => notes.add(`${code}: ${message}`) });
  if (result.kind === 'refused') return result.reason;
  expect(result.source).toBe(5);
  // What we write is what the schema reads, and JSON keeps all of it.
  expect(canonicalRowSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
  const { source: _, ...rest } = result;
  return notes.size === 0 ? rest : { ...rest, notes: [...notes] };
}

const user = { role: 'user', content: 'hi' };
const assistant = { role: 'assistant', content: 'hello' };

describe('messages', () => {
  const good = { messages: [user, assistant] };

  test('are kept with their other keys and any role', () => {
    const called = { role: 'assistant', content: null, tool_calls: [{ name: 'f' }] };
    const row = { messages: [{ role: 'narrator', content: '' }, { ...user, name: 'Ann' }, called] };
    expect(convert(row)).toEqual({
      kind: 'messages',
      messages: row.messages,
      notes: [expect.stringMatching(/^ROLE-KEPT: .*"narrator"/), expect.stringMatching(/^BLANK-TURN/)],
    });
  });

  test('tools as a list or JSON text, template arguments, null as absent', () => {
    const tools = [{ name: 'f' }];
    const extras = { tools, chat_template_kwargs: { enable_thinking: false } };
    expect(convert({ ...good, ...extras })).toEqual({ kind: 'messages', ...good, ...extras });
    expect(convert({ ...good, tools: JSON.stringify(tools), chat_template_kwargs: null })).toEqual({ kind: 'messages', ...good, tools });
    expect(convert({ ...good, tools: 3 })).toBe('column "tools" must be a list of tools or its JSON, it is a number');
    expect(convert({ ...good, chat_template_kwargs: 'x' })).toBe('column "chat_template_kwargs" must be an object or its JSON');
  });

  test('text parts are joined, other parts refused', () => {
    const part = (type: string) => ({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type, text: 'b' },
          ],
        },
      ],
    });
    expect(convert(part('text'))).toMatchObject({
      messages: [{ role: 'user', content: 'ab' }],
      notes: [expect.stringMatching(/^PARTS-JOINED/), expect.stringMatching(/^NO-ANSWER/)],
    });
    expect(convert(part('image'))).toContain('a part that is not text');
  });

  test.each([
    [{ messages: [user, { role: 'assistant', content: null }] }, 'message 2 of column "messages": content must be text, it is null'],
    [{ messages: [{ role: 'user' }] }, 'message 1 of column "messages": content must be text, it is missing'],
    [{ messages: [{ role: 'user', content: 5 }] }, 'message 1 of column "messages": content must be text, it is a number'],
    [{ messages: [{ role: 1, content: 'x' }] }, 'message 1 of column "messages": role must be text, it is a number'],
    [{ messages: [user, 'x'] }, 'message 2 of column "messages" must be an object, it is a string'],
    [{ messages: [] }, 'column "messages" is an empty list'],
    [{ messages: 'hello' }, 'column "messages" must be a list of messages, it is a string'],
    [{ messages: null }, 'column "messages" must be a list of messages, it is null'],
    [{ text: 'x' }, 'this row is of the format text, the file is read as messages'],
    [{ other: 'x' }, 'column "messages" is missing; the row has "other"'],
  ])('%j is refused', (row, reason) => {
    expect(convert(row as JsonObject, {}, good)).toBe(reason);
  });

  test('prototype keys are harmless', () => {
    const row = JSON.parse(
      '{"messages":[{"role":"user","content":"x","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}],' +
        '"chat_template_kwargs":{"__proto__":{"polluted":1},"a":1}}',
    ) as JsonObject;
    const converted = convert(row) as { messages: Record<string, unknown>[]; chat_template_kwargs: Record<string, unknown> };
    expect(Object.keys(converted.messages[0] ?? {})).toEqual(['role', 'content', 'constructor']);
    expect(converted.messages[0]?.polluted).toBeUndefined();
    expect(Object.keys(converted.chat_template_kwargs)).toEqual(['a']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('conversations', () => {
  const talk = (...roles: string[]) => ({ conversations: roles.map((from) => ({ from, value: `by ${from}` })) });

  test('every ShareGPT role has its name in chat templates', () => {
    const roles = ['system', 'user', 'human', 'input', 'gpt', 'assistant', 'output'];
    const mapped = ['system', 'user', 'user', 'user', 'assistant', 'assistant', 'assistant'];
    expect(convert(talk(...roles))).toEqual({
      kind: 'messages',
      messages: roles.map((role, index) => ({ role: mapped[index], content: `by ${role}` })),
      notes: ['ROLE-MAPPED: The role "input" is read as user.', 'ROLE-MAPPED: The role "output" is read as assistant.'],
    });
    expect(convert(talk('User', 'chatgpt', 'observation', 'bing', '用户', '助手'))).toMatchObject({
      messages: ['user', 'assistant', 'tool', 'assistant', 'user', 'assistant'].map((role) => ({ role })),
    });
  });

  test('function calls become tool calls of the assistant, as chat templates print them', () => {
    const call = { name: 'weather', arguments: { city: 'Paris' } };
    const asked = { from: 'human', value: 'Weather?' };
    const convertCall = (value: string) =>
      convert({
        conversations: [asked, { from: 'function_call', value }, { from: 'observation', value: '21' }, { from: 'gpt', value: 'Warm.' }],
        tools: ' ',
      });
    const toolCalls = [{ type: 'function', function: call }];
    for (const value of [JSON.stringify(call), JSON.stringify([call]), JSON.stringify({ ...call, arguments: JSON.stringify(call.arguments) })]) {
      expect(convertCall(value)).toMatchObject({
        messages: [
          { role: 'user' },
          { role: 'assistant', content: '', tool_calls: toolCalls },
          { role: 'tool', content: '21' },
          { role: 'assistant', content: 'Warm.' },
        ],
      });
    }
    expect(convertCall('weather(Paris)')).toBe(
      'message 2 of column "conversations": a function call must be JSON such as {"name": …, "arguments": {…}}',
    );
  });

  test('turns with role and content keep their tool calls; a column system becomes a turn', () => {
    const called = { role: 'assistant', content: null, tool_calls: [{ type: 'function', function: { name: 'f', arguments: {} } }] };
    const row = { conversations: [user, called, { role: 'tool', content: '1' }, assistant], system: 'Be brief.' };
    expect(convert(row)).toEqual({
      kind: 'messages',
      messages: [{ role: 'system', content: 'Be brief.' }, ...row.conversations],
      notes: ['SYSTEM-COLUMN: The column "system" became the system turn.'],
    });
    const own = { messages: [{ role: 'system', content: 'a' }, user, assistant], system: 'b' };
    expect(convert(own)).toMatchObject({ messages: own.messages, notes: [expect.stringMatching(/^SYSTEM-TWICE/)] });
  });

  test('what is odd about a conversation is told', () => {
    const notes = (row: JsonObject) => (convert(row) as { notes?: readonly string[] }).notes?.map((note) => note.split(':')[0]);
    expect(notes({ messages: [user, assistant] })).toBeUndefined();
    expect(notes({ messages: [user, assistant, user] })).toEqual(['OPEN-END']);
    expect(notes({ messages: [user] })).toEqual(['NO-ANSWER']);
    expect(notes({ messages: [user, { role: 'assistant', content: ' \n' }] })).toEqual(['BLANK-TURN']);
    expect(
      notes({
        messages: [
          { role: 'human', content: 'a' },
          { role: 'gpt', content: 'b', weight: 0 },
        ],
      }),
    ).toEqual(['ROLE-MAPPED', 'ROLE-MAPPED', 'TURN-SWITCH']);
    expect(
      convert({
        messages: [
          { role: 'human', content: 'a' },
          { role: 'Assistant', content: 'b' },
        ],
      }),
    ).toMatchObject({ messages: [{ role: 'user' }, { role: 'assistant' }] });
  });

  test('an unknown role, even an inherited name, is named', () => {
    for (const role of ['narrator', 'constructor', '__proto__']) {
      expect(convert(talk('human', role))).toContain(`message 2 of column "conversations": unknown role "${role}"`);
    }
  });

  test('null content, other keys', () => {
    const like = talk('human', 'gpt');
    expect(convert({ conversations: [{ from: 'human', value: null }] }, {}, like)).toContain('"value" must be text, it is null');
    expect(convert({ conversations: [{ from: 'gpt', value: 'x', id: 1 }] }, {}, like)).toMatchObject({
      notes: [expect.stringMatching(/^TURN-KEY: .*"id"/)],
    });
    expect(convert({ conversations: [{ from: 'gpt', value: 'x', weight: 1 }] }, {}, like)).toMatchObject({
      messages: [{ role: 'assistant', content: 'x' }],
      notes: [expect.stringMatching(/^TURN-SWITCH: .*"weight"/)],
    });
  });

  test('turns in a column called messages, or with role and content', () => {
    const expected = { kind: 'messages', messages: [{ role: 'user', content: 'x' }] };
    expect(convert({ messages: [{ from: 'human', value: 'x' }] })).toMatchObject(expected);
    expect(convert({ conversations: [{ role: 'human', content: 'x' }] })).toMatchObject(expected);
  });
});

describe('prompt and completion', () => {
  test('strings and messages', () => {
    expect(convert({ prompt: 'a', completion: 'b' })).toEqual({ kind: 'prompt-completion', prompt: 'a', completion: 'b' });
    const chat = { prompt: [user], completion: [assistant] };
    expect(convert(chat)).toEqual({ kind: 'chat-prompt-completion', ...chat });
    const turns = { prompt: [{ from: 'human', value: 'hi' }], completion: [{ from: 'gpt', value: 'hello' }] };
    expect(convert(turns)).toEqual({ kind: 'chat-prompt-completion', ...chat });
  });

  test('a row of the other kind is refused', () => {
    const text = { prompt: 'a', completion: 'b' };
    const chat = { prompt: [user], completion: [assistant] };
    expect(convert(chat, {}, text)).toContain('the file is read as text');
    expect(convert(text, {}, chat)).toContain('must be a list of messages, it is a string');
    expect(convert({ prompt: 'a', completion: '' }, {}, text)).toBe('column "completion" is empty');
  });
});

/** Question and answer in turns, as every pair format gives them by default. */
const turns = (asked: string, answer: string, prompt = asked) => ({
  kind: 'chat-prompt-completion',
  prompt: [{ role: 'user', content: asked }],
  completion: [{ role: 'assistant', content: answer }],
  plain: { prompt, completion: answer },
});

describe('pairs', () => {
  const alpaca = { instruction: 'Add.', input: '1 2', output: '3' };
  const label = { instruct: 'Sentiment: ', input: 'good', label: 'positive' };
  const question = { question: '甲', answer: '乙' };

  test('are turns of a chat, with the same text for a model without turns', () => {
    expect(convert(alpaca)).toEqual(turns('Add.\n1 2', '3'));
    for (const input of ['', null, undefined]) expect(convert({ ...alpaca, input })).toEqual(turns('Add.', '3'));
    expect(convert(label)).toEqual(turns('Sentiment: \ngood', 'positive', 'Sentiment: good'));
    expect(convert({ ...label, input: '' })).toEqual(turns('Sentiment: ', 'positive'));
    expect(convert(question)).toEqual(turns('甲', '乙'));
  });

  test('plain: prompt and completion without anything added', () => {
    const plain = { pairs: 'plain' } as const;
    expect(convert(alpaca, plain)).toEqual({ kind: 'prompt-completion', prompt: 'Add.\n1 2', completion: '3' });
    expect(convert(label, plain)).toEqual({ kind: 'prompt-completion', prompt: 'Sentiment: good', completion: 'positive' });
    expect(convert(question, plain)).toEqual({ kind: 'prompt-completion', prompt: '甲', completion: '乙' });
  });

  test('under headings by choice: as the tutorials write them (spec 1.5)', () => {
    const headings = { pairs: 'headings' } as const;
    expect(convert(alpaca, headings)).toEqual({
      kind: 'prompt-completion',
      prompt:
        'Below is an instruction that describes a task, paired with an input that provides further context. ' +
        'Write a response that appropriately completes the request.\n\n### Instruction:\nAdd.\n\n### Input:\n1 2\n\n### Response:\n',
      completion: '3',
    });
    for (const input of ['', null, undefined]) {
      expect(convert({ ...alpaca, input }, headings)).toMatchObject({
        prompt:
          'Below is an instruction that describes a task. ' +
          'Write a response that appropriately completes the request.\n\n### Instruction:\nAdd.\n\n### Response:\n',
      });
    }
    expect(convert(label, headings)).toEqual({ kind: 'prompt-completion', prompt: 'Sentiment: good', completion: 'positive' });
    expect(convert(question, headings)).toEqual({ kind: 'text', text: '### 指令: 甲\n### 回應: 乙' });
  });

  test('a system prompt and earlier pairs (LLaMA-Factory) stand before the question', () => {
    const row = {
      ...alpaca,
      input: '',
      system: 'Be brief.',
      history: [
        ['q1', 'a1'],
        ['q2', 'a2'],
      ],
    };
    const earlier = [
      { role: 'system', content: 'Be brief.' },
      ...[1, 2].flatMap((n) => [
        { role: 'user', content: `q${n}` },
        { role: 'assistant', content: `a${n}` },
      ]),
    ];
    expect(convert(row)).toMatchObject({
      prompt: [...earlier, { role: 'user', content: 'Add.' }],
      completion: [{ role: 'assistant', content: '3' }],
      plain: { prompt: 'Be brief.\nq1\na1\nq2\na2\nAdd.' },
      notes: [expect.stringMatching(/^HISTORY/)],
    });
    expect(convert({ ...row, history: JSON.stringify(row.history) })).toMatchObject({ prompt: { length: 6 } });
    expect(convert({ ...row, history: [['q']] })).toBe('column "history" must hold pairs of two texts, [question, answer]');
    expect(convert(row, { pairs: 'headings' })).toMatchObject({
      kind: 'prompt-completion',
      notes: expect.arrayContaining([expect.stringMatching(/^NOT-WRITTEN/)]) as unknown,
    });
    for (const nothing of [null, '', [], ' ']) expect(convert({ ...alpaca, history: nothing, system: null })).toEqual(turns('Add.\n1 2', '3'));
  });

  test('prompt and completion are left as they stand, whatever the style', () => {
    const row = { prompt: 'a', completion: 'b' };
    for (const pairs of ['chat', 'plain', 'headings'] as const) expect(convert(row, { pairs })).toEqual({ kind: 'prompt-completion', ...row });
  });

  test('values that are not text, blank questions and blank answers are refused', () => {
    expect(convert({ ...alpaca, output: null }, {}, alpaca)).toBe('column "output" must be text, it is null');
    expect(convert({ ...alpaca, input: 3 }, {}, alpaca)).toBe('column "input" must be text, it is a number');
    expect(convert({ ...alpaca, output: '' }, {}, alpaca)).toBe('column "output" is empty');
    expect(convert({ ...label, label: 1 }, {}, label)).toBe('column "label" must be text, it is a number');
    for (const pairs of ['chat', 'plain', 'headings'] as const) {
      expect(convert({ question: ' \u3000', answer: 'a' }, { pairs }, question)).toBe('column "question" is blank');
      expect(convert({ question: 'q', answer: '   ' }, { pairs }, question)).toBe('column "answer" is blank');
      expect(convert({ instruction: ' ', input: '', output: 'a' }, { pairs }, alpaca)).toBe('instruction and input are both blank');
    }
    expect(convert({ prompt: 'a', completion: '\n' }, {}, { prompt: 'a', completion: 'b' })).toBe('column "completion" is blank');
  });
});

describe('the other formats', () => {
  test('text, also from the only column or a mapped one', () => {
    expect(convert({ text: 'a' })).toEqual({ kind: 'text', text: 'a' });
    expect(convert({ sentence: 'a' })).toEqual({ kind: 'text', text: 'a' });
    expect(convert({ b: 'a', c: 1 }, { mapping: { text: 'b' } })).toEqual({ kind: 'text', text: 'a' });
    expect(convert({ text: '' }, {}, { text: 'a' })).toBe('column "text" is empty');
    expect(convert({ text: null }, {}, { text: 'a' })).toBe('column "text" must be text, it is null');
  });
});
