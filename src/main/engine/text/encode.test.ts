import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { CanonicalRow, Message } from '../../../shared/domain/dataset.ts';
import { createChatTemplate, type ChatTemplate } from './chat-template/chat-template.ts';
import { createRowEncoder, type EncodeSettings } from './encode.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer/tokenizer.ts';

const CHATML =
  "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
let tokenizer: Tokenizer;
let chatml: ChatTemplate;
beforeAll(async () => {
  tokenizer = await loadTokenizer(join(import.meta.dirname, '../../../../test/parity/fixtures/text/tokenizer-plain'));
  chatml = createChatTemplate(CHATML, { origin: 'test', specialTokens: {} });
});

const chat = (...turns: string[]): Message[] => turns.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));
const row = (source: number, ...turns: string[]): CanonicalRow => ({ kind: 'messages', source, messages: chat(...turns) });
const settings = (more: Partial<EncodeSettings> = {}): EncodeSettings => ({ loss: 'auto', maxLength: 1024, chatTemplate: chatml, ...more });

/** ChatML with {% generation %} around an assistant turn's content and end. */
async function markedChatml(): Promise<ChatTemplate> {
  const file = join(import.meta.dirname, '../../../../test/support/chatml-training.jinja');
  return createChatTemplate(await readFile(file, 'utf8'), { origin: file, specialTokens: tokenizer.namedTokens });
}

async function trainedText(rows: readonly CanonicalRow[], options: EncodeSettings): Promise<string[]> {
  const encoded = await (await createRowEncoder(tokenizer, options)).encode(rows);
  return Promise.all(
    encoded.map(({ labels }) =>
      tokenizer.decode(
        [...labels].filter((id) => id !== -100),
        { skipSpecialTokens: false },
      ),
    ),
  );
}

test('assistant loss without generation markers trains from the header to the next user turn', async () => {
  const rows = [row(1, 'hi', 'hello', 'and?', 'bye'), row(2, 'no answer')];
  const encoder = await createRowEncoder(tokenizer, settings({ loss: 'assistant' }));
  expect(await trainedText(rows, settings({ loss: 'assistant' }))).toEqual(['hello<|im_end|>\nbye<|im_end|>\n']);
  await encoder.encode(rows);
  const report = encoder.finish();
  expect(report.droppedRows).toEqual({ count: 1, sources: [2] });
  expect(report.findings.find(({ code }) => code === 'TURNS-FOUND')?.message).toContain('no generation markers');
});

test('a template with generation markers renders as ChatML and marks content and end of turn', async () => {
  const template = await markedChatml();
  const messages = [{ role: 'system', content: 's' }, ...chat('hi', ' hello ', 'x')];
  for (const addGenerationPrompt of [false, true]) {
    expect(template.render({ messages, addGenerationPrompt }).text).toBe(chatml.render({ messages, addGenerationPrompt }).text);
  }
  expect(await trainedText([row(1, 'hi', 'hello ')], settings({ loss: 'assistant', chatTemplate: template }))).toEqual(['hello <|im_end|>']);
});

test('masks that the data cannot give are refused by row', async () => {
  const text: CanonicalRow = { kind: 'text', source: 4, text: 'x' };
  await expect(trainedText([text], settings({ loss: 'assistant' }))).rejects.toMatchObject({ code: 'E-MASK-NA', data: { source: 4 } });
  await expect(trainedText([text], settings({ loss: 'completion' }))).rejects.toMatchObject({ code: 'E-MASK-NA' });
  await expect(trainedText([row(5, 'a', 'b')], settings({ loss: 'completion' }))).rejects.toMatchObject({ code: 'E-MASK-NA', data: { source: 5 } });
});

test('ids beyond the embedding, an unknown EOS and an unrenderable row are refused', async () => {
  await expect(trainedText([row(6, 'a', 'b')], settings({ embeddingRows: 2 }))).rejects.toMatchObject({
    code: 'E-VOCAB',
    data: { source: 6, embeddingRows: 2 },
  });
  await expect(createRowEncoder(tokenizer, settings({ eosToken: '<nope>' }))).rejects.toMatchObject({ code: 'E-EOS' });
  const empty: CanonicalRow = { kind: 'messages', source: 7, messages: [{ role: 'user', content: null }] };
  const encoder = await createRowEncoder(tokenizer, settings());
  expect(await encoder.encode([empty])).toEqual([]);
  expect(() => encoder.finish()).toThrow(
    expect.objectContaining({
      code: 'E-ROLES',
      message: 'The chat template refuses every row; row 7 of the file: can only concatenate str (not "NoneType") to str.',
    }),
  );
});

test('nothing to learn in any row is an error, in some a count', async () => {
  const long: CanonicalRow = { kind: 'prompt-completion', source: 1, prompt: 'The small boat '.repeat(20), completion: 'yes' };
  const encoder = await createRowEncoder(tokenizer, settings({ maxLength: 8 }));
  expect(await encoder.encode([long])).toEqual([]);
  expect(() => encoder.finish()).toThrow(expect.objectContaining({ code: 'E-NO-TARGETS' }));
});

test('the report names boundary, truncated and unstopped rows', async () => {
  const encoder = await createRowEncoder(tokenizer, settings({ maxLength: 24 }));
  await encoder.encode([
    { kind: 'prompt-completion', source: 1, prompt: 'what color is ', completion: 'the sky' },
    { kind: 'text', source: 2, text: 'The small boat sails. '.repeat(20) },
    { kind: 'text', source: 3, text: 'fine' },
  ]);
  const report = encoder.finish();
  expect(report).toMatchObject({
    rows: 3,
    keptRows: 3,
    boundaryRows: { sources: [1] },
    truncatedRows: { sources: [2] },
    unstoppedRows: { count: 0 },
  });
  expect(report.notices.some((notice) => notice.startsWith('E-BOUNDARY'))).toBe(true);
  expect(report.findings.find(({ code }) => code === 'PLAIN-PROMPTS')?.rows).toEqual({ count: 1, first: [{ source: 1, position: 0 }] });
});

test('turns lost to a leading space are reported', async () => {
  const chatTemplate = await markedChatml();
  const encoder = await createRowEncoder(tokenizer, settings({ loss: 'assistant', chatTemplate }));
  await encoder.encode([row(1, 'a', 'one', 'b', ' two'), row(2, 'a', 'one')]);
  expect(encoder.finish().lostSpanRows).toEqual({ count: 1, sources: [1] });
});

test('a text without an end that generation stops at is W-EOS', async () => {
  const template = createChatTemplate('{% for m in messages %}{{ m.content }}{% endfor %}', { origin: 'test', specialTokens: {} });
  const encoder = await createRowEncoder(tokenizer, settings({ chatTemplate: template }));
  await encoder.encode([row(1, 'a', 'b')]);
  expect(encoder.finish().notices.some((notice) => notice.startsWith('W-EOS'))).toBe(true);
});

test("auto learns the completion, the assistant's turns and all of plain text", async () => {
  const rows: CanonicalRow[] = [
    { kind: 'messages', source: 1, messages: [{ role: 'system', content: 'be kind' }, ...chat('hi', 'hello')] },
    { kind: 'chat-prompt-completion', source: 2, prompt: chat('hi'), completion: [{ role: 'assistant', content: 'yes' }] },
    { kind: 'prompt-completion', source: 3, prompt: 'a', completion: ' b' },
    { kind: 'text', source: 4, text: 'all of it' },
  ];
  expect(await trainedText(rows, settings())).toEqual(['hello<|im_end|>\n', 'yes<|im_end|>\n', ' b<|im_end|>', 'all of it<|im_end|>']);
  expect((await trainedText(rows, settings({ loss: 'all' })))[0]).toContain('be kind');
});

test('questions and answers are turns where there is a template, plain text with a word about it where there is none', async () => {
  const pair: CanonicalRow = {
    kind: 'chat-prompt-completion',
    source: 1,
    prompt: chat('Why?'),
    completion: [{ role: 'assistant', content: 'So.' }],
    plain: { prompt: 'Why?', completion: ' So.' },
  };
  const encoded = async (options: EncodeSettings) => {
    const encoder = await createRowEncoder(tokenizer, options);
    const [row] = await encoder.encode([pair]);
    return { text: await tokenizer.decode(row!.inputIds, { skipSpecialTokens: false }), notices: encoder.finish().notices };
  };
  expect(tokenizer.hasChatTemplate).toBe(false);
  expect((await encoded(settings())).text).toBe('<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nSo.<|im_end|>\n');
  const plain = await encoded({ loss: 'auto', maxLength: 1024 });
  expect(plain.text).toBe('Why? So.<|im_end|>');
  expect(plain.notices.find((notice) => notice.includes('no chat template'))).toContain('chatml');
});

test('a run that began when auto meant all of a conversation goes on so', async () => {
  expect((await trainedText([row(1, 'hi', 'hello')], settings({ loss: 'auto-all' })))[0]).toContain('<|im_start|>user\nhi');
});

test('refused rows are set aside by reason, all at once, and the others keep their places', async () => {
  const strict =
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{{ m.role + ': ' + m.content + '<|im_end|>' }}{% endfor %}";
  const encoder = await createRowEncoder(
    tokenizer,
    settings({ chatTemplate: createChatTemplate(strict, { origin: 'test', specialTokens: {} }), firstPosition: 10 }),
  );
  const system: CanonicalRow = { kind: 'messages', source: 12, messages: [{ role: 'system', content: 's' }, ...chat('a', 'b')] };
  const blank: CanonicalRow = {
    kind: 'messages',
    source: 14,
    messages: [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: null },
    ],
  };
  expect((await encoder.encode([row(11, 'a', 'b'), system, row(13, 'c', 'd'), blank])).map(({ source }) => source)).toEqual([11, 13]);
  const { findings, setAsideRows, rows, keptRows } = encoder.finish();
  expect({ setAsideRows, rows, keptRows }).toEqual({ setAsideRows: { count: 2, sources: [12, 14] }, rows: 4, keptRows: 2 });
  expect(findings.filter(({ code }) => code === 'SET-ASIDE').map(({ rows: found, message }) => [found?.first, message])).toEqual([
    [[{ source: 12, position: 11 }], expect.stringContaining('System role not supported')],
    [[{ source: 14, position: 13 }], expect.stringContaining('NoneType')],
  ]);
});

test('what the template does not print is told: keys, tools, roles, thinking', async () => {
  const source =
    "{% for m in messages if m.role != 'system' %}{{ '<|im_start|>' + m.role + '\\n' + m.content.split('</think>')[-1] + (m.name or '') + '<|im_end|>\\n' }}{% endfor %}";
  const encoder = await createRowEncoder(tokenizer, settings({ chatTemplate: createChatTemplate(source, { origin: 'test', specialTokens: {} }) }));
  await encoder.encode([
    {
      kind: 'messages',
      source: 1,
      tools: [{ name: 'f' }],
      messages: [
        { role: 'system', content: 'be kind' },
        { role: 'user', content: 'a', name: 'Ann', weight: 0, trainable: false },
        { role: 'assistant', content: '<think>x</think>b', reasoning_content: 'why', tool_calls: [] },
      ],
    },
  ]);
  const told = encoder
    .finish()
    .findings.filter(({ level }) => level !== 'note')
    .map(({ code, message }) => `${code} ${message}`);
  expect(told).toHaveLength(6);
  for (const words of [
    /KEY-NOT-PRINTED .*"weight"/,
    /KEY-NOT-PRINTED .*"trainable"/,
    /KEY-NOT-PRINTED .*"reasoning_content"/,
    /TOOLS-NOT-PRINTED/,
    /TEXT-LEFT-OUT .*"system"/,
    /TEXT-LEFT-OUT .*assistant/,
  ]) {
    expect(told.some((line) => words.test(line))).toBe(true);
  }
});

test("an end token of one's own counts as a stop, and the one that rows end in is offered", async () => {
  const template = createChatTemplate("{% for m in messages %}{{ m.role + ':' + m.content + '<|endoftext|>' }}{% endfor %}", {
    origin: 'test',
    specialTokens: {},
  });
  const findings = async (more: Partial<EncodeSettings>) => {
    const encoder = await createRowEncoder(tokenizer, settings({ chatTemplate: template, ...more }));
    await encoder.encode([row(1, 'a', 'b')]);
    return encoder.finish().findings.filter(({ code }) => code === 'W-EOS');
  };
  expect(await findings({})).toMatchObject([
    { message: expect.stringContaining('they end in <|endoftext|>'), fix: { path: 'eos_token', value: '<|endoftext|>' } },
  ]);
  expect(await findings({ eosToken: '<|endoftext|>' })).toEqual([]);
});

test("cut rows and rows beyond the model's positions come with the length that mends them", async () => {
  const encoder = await createRowEncoder(tokenizer, settings({ maxLength: 24, positions: 20 }));
  await encoder.encode([{ kind: 'text', source: 3, text: 'The small boat sails. '.repeat(20) }]);
  const { findings, longest } = encoder.finish();
  expect(findings.find(({ code }) => code === 'CUT')).toMatchObject({
    fix: { path: 'max_length', value: longest },
    rows: { count: 1, first: [{ source: 3, position: 0 }] },
  });
  expect(findings.find(({ code }) => code === 'E-LEN')).toMatchObject({ fix: { path: 'max_length', value: 20 } });
});

test('a generation prompt that the answer does not begin with is named as the cause', async () => {
  const source =
    "{% for m in messages %}{{ '<' + m.role + '>' + m.content }}{% endfor %}{% if add_generation_prompt %}{{ '<assistant><think>\\n' }}{% endif %}";
  const encoder = await createRowEncoder(tokenizer, settings({ chatTemplate: createChatTemplate(source, { origin: 'test', specialTokens: {} }) }));
  await encoder.encode([
    {
      kind: 'chat-prompt-completion',
      source: 1,
      prompt: chat('hi'),
      completion: [{ role: 'assistant', content: 'So it is, and a long answer stays.' }],
    },
  ]);
  expect(encoder.report().findings.find(({ code }) => code === 'E-BOUNDARY')?.message).toContain('"<think>\\n"');
});
