import { describe, expect, test } from 'vitest';
import { detectFormat, type Detected } from './detect.ts';
import type { DetectOptions } from './chosen-format.ts';
import type { JsonObject } from './readers/source-record.ts';

function detect(rows: readonly JsonObject[], options: DetectOptions = {}): Detected {
  return detectFormat('data.jsonl', rows, options);
}

const messages = [{ role: 'user', content: 'a' }];
const turns = [{ from: 'human', value: 'a' }];

describe('detection order (spec 1.5)', () => {
  test.each([
    [{ messages, text: 'x' }, 'messages'],
    [{ messages: turns }, 'conversations'],
    [{ conversations: turns, text: 'x' }, 'conversations'],
    [{ conversations: messages }, 'conversations'],
    [{ prompt: 'a', completion: 'b', text: 'x' }, 'prompt-completion'],
    [{ prompt: messages, completion: messages }, 'prompt-completion'],
    [{ instruction: 'a', output: 'b', text: 'x' }, 'instruction-output'],
    [{ instruct: 'a', input: 'c', label: 'b' }, 'instruct-label'],
    [{ question: 'a', answer: 'b' }, 'question-answer'],
    [{ text: 'a', label: 1 }, 'text'],
    [{ sentence: 'a' }, 'text'],
    [{ messages: JSON.stringify(messages) }, 'messages'],
  ])('%j', (row, format) => {
    expect(detect([row]).plan.format).toBe(format);
  });

  test('an integer label does not make instruct/label', () => {
    expect(() => detect([{ instruct: 'a', label: 1 }])).toThrow(/"label" must be text, and in row 1 it is a number/);
    expect(detect([{ instruct: 'a', label: 1, text: 'b' }]).plan.format).toBe('text');
  });

  test('the majority of the first rows decides, and unused formats are mentioned', () => {
    const text = { text: 'x' };
    expect(detect([text, { messages }, { messages, text: 'y' }])).toMatchObject({
      plan: { format: 'messages' },
      notes: [
        { code: 'OTHER-FORMAT', level: 'warning', message: 'The columns of the format text are there too and are not used: messages comes first.' },
      ],
    });
  });

  test('a prompt without completion is refused, unless messages are there', () => {
    expect(() => detect([{ prompt: 'a', text: 'b' }])).toThrow(expect.objectContaining({ code: 'E-FMT-COLS' }) as Error);
    expect(detect([{ prompt: 'a', messages }]).plan.format).toBe('messages');
  });

  test('nothing fits: the error lists the columns found and those accepted', () => {
    try {
      detect([
        { foo: 'a', bar: 1 },
        { foo: 'b', baz: 2 },
      ]);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'E-FMT-COLS',
        data: { file: 'data.jsonl', columns: ['foo', 'bar', 'baz'] },
        remedy: expect.stringContaining('instruction + output') as string,
      });
      expect(String(error)).toContain('"foo", "bar", "baz"');
    }
  });

  test('token rows and inherited names are not formats', () => {
    expect(() => detect([{ input_ids: [1], text: 'x' }])).toThrow(/already tokens/);
    expect(() => detect([JSON.parse('{"__proto__":{"text":"x"},"a":1}') as JsonObject])).toThrow(/no known format/);
  });
});

describe('turn keys (spec 1.5)', () => {
  test('unknown names: the key with fewer distinct values is the role', () => {
    const turn = (who: string, said: string) => ({ said, who });
    const rows = [{ conversations: [turn('human', 'a'), turn('gpt', 'b'), turn('human', 'c')] }];
    expect(detect(rows).plan.turnKeys).toEqual({ role: 'who', content: 'said' });
  });

  test('known names win over counting', () => {
    expect(
      detect([
        {
          conversations: [
            { value: 'same', from: 'human' },
            { value: 'same', from: 'gpt' },
          ],
        },
      ]).plan.turnKeys,
    ).toEqual({
      role: 'from',
      content: 'value',
    });
  });
});

describe('choices of the user', () => {
  test('a mapping decides the format by its parts', () => {
    const rows = [{ q: 'a', a: 'b', text: 'x' }];
    expect(detect(rows, { mapping: { instruction: 'q', output: 'a' } }).plan).toMatchObject({
      format: 'instruction-output',
      columns: { instruction: 'q', output: 'a' },
    });
    expect(detect(rows, { mapping: { prompt: 'q', completion: 'a' } }).plan.format).toBe('prompt-completion');
    expect(detect(rows, { mapping: { text: 'q' } }).plan.format).toBe('text');
  });

  test('half a mapping uses the usual name for the rest', () => {
    expect(detect([{ instruction: 'a', reply: 'b' }], { mapping: { output: 'reply' } }).plan.format).toBe('instruction-output');
  });

  test('a chosen format wins over the order', () => {
    expect(detect([{ messages, text: 'x' }], { format: 'text' }).plan.format).toBe('text');
    expect(detect([{ messages: turns }], { format: 'conversations' }).plan.columns).toEqual({ conversations: 'messages' });
  });

  test('wrong mappings and missing columns say so', () => {
    const rows = [{ a: 'x' }];
    const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;
    expect(() => detect(rows, { mapping: { nonsense: 'a' } as object })).toThrow(code('E-FMT-MAP'));
    expect(() => detect(rows, { mapping: { messages: 'a', output: 'a' } })).toThrow(code('E-FMT-MAP'));
    expect(() => detect(rows, { mapping: { tools: 'a' } })).toThrow(code('E-FMT-MAP'));
    expect(() => detect(rows, { format: 'text', mapping: { output: 'a' } })).toThrow(code('E-FMT-MAP'));
    expect(() => detect(rows, { mapping: { text: 'b' } })).toThrow(/must have a column "b"/);
    expect(() => detect(rows, { format: 'messages' })).toThrow(code('E-FMT-COLS'));
  });
});
