import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tokenizerFingerprint } from './fingerprint.ts';
import { StreamingDecoder } from './streaming-decoder.ts';
import { loadTokenizer } from './tokenizer.ts';

const PLAIN = join(import.meta.dirname, '../../../../../test/parity/fixtures/text/tokenizer-plain');
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenizer-'));
  await cp(PLAIN, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('offsets are UTF-16 units: every token of an emoji covers both of them', async () => {
  const text = 'a\u{1f600}b 你';
  const [row] = await (await loadTokenizer(folder)).encodeBatchWithOffsets([text], { addSpecialTokens: false });
  const pieces = Array.from({ length: row!.ids.length }, (_, t) => text.slice(row!.offsets[2 * t], row!.offsets[2 * t + 1]));
  expect([...new Set(pieces)].join('')).toBe('a\u{1f600}b你');
  expect(row!.offsets.at(-1)).toBe(text.length);
});

test('streamed text comes in whole characters and adds up', async () => {
  const tokenizer = await loadTokenizer(folder);
  const text = ' The small boat \u{1f600}\u{1f469}\u200d\u{1f680} fährt 天空!\n';
  const decoder = new StreamingDecoder(tokenizer, { skipSpecialTokens: true });
  const pieces: string[] = [];
  for (const id of [...(await tokenizer.encode(text, { addSpecialTokens: false })), tokenizer.eos!.id]) pieces.push(await decoder.push(id));
  pieces.push(await decoder.finish());
  expect(pieces.join('')).toBe(text);
  for (const piece of pieces) expect(piece).not.toContain('\ufffd');
});

test('bytes that never become a character come out as U+FFFD', async () => {
  const tokenizer = await loadTokenizer(folder);
  const ids = await tokenizer.encode('\u{1f600}', { addSpecialTokens: false });
  const decoder = new StreamingDecoder(tokenizer, { skipSpecialTokens: true });
  const pieces: string[] = [];
  for (let i = 0; i < 30; i++) pieces.push(await decoder.push(ids[0] as number));
  expect(pieces.join('').length).toBeGreaterThan(20);
  expect(await decoder.finish()).toMatch(/^\ufffd*$/);
});

test('special tokens, pad falling back to eos, and stop ids of generation_config', async () => {
  expect(await loadTokenizer(folder)).toMatchObject({ eos: { id: 2, text: '<|im_end|>' }, pad: { id: 0 }, bos: undefined, stopIds: [2] });
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ eos_token: { content: '<|im_end|>' }, bos_token: '<s>' }));
  await writeFile(join(folder, 'generation_config.json'), JSON.stringify({ eos_token_id: [2, 0] }));
  expect(await loadTokenizer(folder)).toMatchObject({ pad: { id: 2 }, stopIds: [2, 0] });
});

test('a special token that the vocabulary lacks is added behind it', async () => {
  const before = (await loadTokenizer(folder)).vocabSize;
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ eos_token: '<|im_end|>', pad_token: '[PAD]' }));
  expect(await loadTokenizer(folder)).toMatchObject({ pad: { id: before }, vocabSize: before + 1 });
});

test('templates: file before config, tool_use for tools, a missing one is E-TEMPLATE', async () => {
  const plain = await loadTokenizer(folder);
  expect(() => plain.chatTemplate()).toThrow(expect.objectContaining({ code: 'E-TEMPLATE' }));
  const config = {
    eos_token: '<|im_end|>',
    chat_template: [
      { name: 'default', template: 'old' },
      { name: 'tool_use', template: 'tools' },
    ],
  };
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
  expect((await loadTokenizer(folder)).chatTemplate().source).toBe('old');
  await writeFile(join(folder, 'chat_template.jinja'), 'new');
  const tokenizer = await loadTokenizer(folder);
  expect(tokenizer.chatTemplate().source).toBe('new');
  expect(tokenizer.chatTemplate({ tools: true }).source).toBe('tools');
  expect(await tokenizerFingerprint(tokenizer)).not.toBe(await tokenizerFingerprint(plain));
});

test.each([
  ['tokenizer.json', '{"version":'],
  ['tokenizer.json', '{}'],
  ['tokenizer_config.json', '[1]'],
  ['tokenizer_config.json', '{"eos_token": 5}'],
  ['generation_config.json', '{"eos_token_id": "x"}'],
])('a broken %s (%s) is named', async (file, text) => {
  await writeFile(join(folder, file), text);
  await expect(loadTokenizer(folder)).rejects.toMatchObject({ code: 'TOKENIZER-FILE', message: expect.stringContaining(join(folder, file)) });
});

test.each([['tokenizer.json'], ['tokenizer_config.json']])('a Git LFS pointer in place of %s is called so', async (file) => {
  await writeFile(join(folder, file), `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 7031660\n`);
  await expect(loadTokenizer(folder)).rejects.toMatchObject({
    code: 'TOKENIZER-FILE',
    message: expect.stringContaining('Git LFS pointer'),
    remedy: expect.stringContaining('git lfs pull'),
  });
});

test.each([
  [['tokenizer.model'], 'save_pretrained'],
  [['vocab.json', 'merges.txt'], 'GPT2Tokenizer'],
])('a folder with only %s says how to go on', async (names, remedy) => {
  await rm(join(folder, 'tokenizer.json'));
  for (const name of names) await writeFile(join(folder, name), '{}');
  await expect(loadTokenizer(folder)).rejects.toMatchObject({ message: expect.stringContaining(names[0]!), remedy: expect.stringContaining(remedy) });
});

test('split_special_tokens is refused: the ids would differ', async () => {
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ split_special_tokens: true }));
  await expect(loadTokenizer(folder)).rejects.toThrow(/split_special_tokens/);
});

test('a folder without tokenizer.json is told so', async () => {
  await rm(join(folder, 'tokenizer.json'));
  await expect(loadTokenizer(folder)).rejects.toMatchObject({ code: 'TOKENIZER-FILE', message: expect.stringContaining('does not exist') });
});
