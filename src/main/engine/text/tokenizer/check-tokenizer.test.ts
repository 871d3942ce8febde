/**
 * @file tokenizer.json as a stranger writes it. Each of these took the machine's memory, never ended, stopped the process, or came out as the
 * library's own words: it is refused before the library sees it, with the place in the file.
 */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../../../../test/support/test-folder.ts';
import { checkCharsmap } from './charsmap.ts';
import { loadTokenizer } from './tokenizer.ts';

const PLAIN = join(import.meta.dirname, '../../../../../test/parity/fixtures/text/tokenizer-plain');
type Json = Record<string, unknown>;

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const sequence = (steps: readonly object[]): Json => ({ type: 'Sequence', normalizers: steps });
const replace = (from: string, to: string): Json => ({ type: 'Replace', pattern: { String: from }, content: to });
const split = (regex: string): Json => ({ type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false });
const WORDS = { type: 'WordLevel', vocab: { a: 0 }, unk_token: '[UNK]' };

/** A trie whose root knows one letter, which is replaced by what begins at `at`. */
function charsmap(at: number, texts: string, units = 512): string {
  const trie = new Uint32Array(units);
  trie[0] = 256 << 10; // the root leads to state 256
  trie[256 ^ 97] = 97 | 0x100 | (1 << 10); // by "a" to a leaf beside
  trie[256 ^ 97 ^ 1] = (0x80000000 | at) >>> 0;
  const size = Buffer.alloc(4);
  size.writeUInt32LE(trie.byteLength);
  return Buffer.concat([size, Buffer.from(trie.buffer), Buffer.from(texts)]).toString('base64');
}
const precompiled = (table: string): Json => ({ normalizer: { type: 'Precompiled', precompiled_charsmap: table } });

const HOSTILE: readonly (readonly [name: string, parts: Json, place: RegExp])[] = [
  [
    'four replacements by a thousand',
    { normalizer: sequence(times(4, replace('a', 'a'.repeat(1000)))) },
    /normalizer: its steps can make a text \d{12,} times as long/,
  ],
  [
    'ten megabytes put before',
    { normalizer: { type: 'Prepend', prepend: 'x'.repeat(10_000_000) } },
    /normalizer\.prepend: must be text of at most 256 characters/,
  ],
  ['fifty doublings', { normalizer: sequence(times(50, replace('a', 'aa'))) }, /normalizer: its steps can make a text \d+ times as long/],
  ['a replacement of nothing', { normalizer: replace('', 'x') }, /normalizer\.pattern/],
  [
    'a replacement of what may be nothing',
    { normalizer: { type: 'Replace', pattern: { Regex: 'x*' }, content: 'y'.repeat(100) } },
    /normalizer: its steps/,
  ],
  [
    'bytes of bytes of bytes',
    {
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: times(20, { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }),
      },
    },
    /pre_tokenizer: its steps/,
  ],
  ['a thousand steps', { normalizer: sequence(times(1000, { type: 'NFC' })) }, /normalizer: it has more than 64 steps/],
  [
    'steps in steps in steps',
    { normalizer: times(200, 0).reduce<Json>((inner) => sequence([inner]), { type: 'NFC' }) },
    /normalizer: it has more than 64 steps/,
  ],
  [
    'a step that nobody knows',
    { normalizer: sequence([{ type: 'NFC' }, { type: 'Exec' }]) },
    /normalizer\.normalizers\.1\.type: "Exec" is not one of NFC/,
  ],
  ['repeats in repeats', { pre_tokenizer: split('(a+)+b') }, /pre_tokenizer\.pattern.*(form|repetition)/],
  ['repeats beyond number', { pre_tokenizer: split('((a{100}){100}){100}') }, /pre_tokenizer\.pattern/],
  ['pieces of no length', { pre_tokenizer: { type: 'FixedLength', length: 0 } }, /pre_tokenizer\.length: must be at least 1, but is 0/],
  [
    'a decoder that explodes',
    { decoder: { type: 'Sequence', decoders: times(4, replace('a', 'a'.repeat(1000))) } },
    /decoder: its steps can make a token/,
  ],
  ['a decoder that strips what is not there', { decoder: { type: 'Strip', content: 'a', start: 0, stop: 3 } }, /decoder\.stop: must be 0/],
  ['a table that is cut off', precompiled('AAAA'), /normalizer\.precompiled_charsmap: cannot be used: its size/],
  ['a table that leads outside', precompiled(charsmap(0, 'b\0', 128)), /precompiled_charsmap: cannot be used: its trie leads outside/],
  ['a table whose text is outside', precompiled(charsmap(99, 'b\0')), /precompiled_charsmap: cannot be used: its trie leads outside/],
  ['a table of a megabyte for a letter', precompiled(charsmap(0, `${'b'.repeat(1_000_000)}\0`)), /normalizer: its steps can make a text \d{7} times/],
  [
    'a prefix that merges lack',
    { model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: [['a', 'b']], continuing_subword_prefix: '####' } },
    /model\.merges\.0: its second piece/,
  ],
  ['no word for the unknown', { model: WORDS }, /model\.unk_token: "\[UNK\]" is not in the vocabulary/],
  [
    'no word for the unknown, in pieces',
    { model: { ...WORDS, type: 'WordPiece', continuing_subword_prefix: '##', max_input_chars_per_word: 100 } },
    /model\.unk_token/,
  ],
  [
    'words without end',
    { model: { type: 'WordPiece', unk_token: 'a', vocab: { a: 0 }, continuing_subword_prefix: '##', max_input_chars_per_word: 1e9 } },
    /model\.max_input_chars_per_word/,
  ],
  ['an empty list of pieces', { model: { type: 'Unigram', vocab: [], unk_id: null } }, /model\.vocab: is empty/],
  ['an id beyond number', { model: { type: 'BPE', vocab: { a: 1e300 }, merges: [] } }, /model\.vocab: the id of "a" is 1e\+300/],
  ['a model that nobody knows', { model: { type: 'Exec' } }, /model\.type: "Exec" is not one of BPE/],
  [
    'an added token of a megabyte',
    { added_tokens: [{ id: 900, content: 'x'.repeat(1_000_000), special: true }] },
    /added_tokens\.0\.content: has 1000000 characters/,
  ],
];

async function folderWith(parts: Json): Promise<string> {
  const folder = join(await testFolder(), 'model');
  await cp(PLAIN, folder, { recursive: true });
  const file = join(folder, 'tokenizer.json');
  const json = JSON.parse(await readFile(file, 'utf8')) as Json;
  await writeFile(file, JSON.stringify({ ...json, added_tokens: 'model' in parts ? [] : json['added_tokens'], ...parts }));
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'PreTrainedTokenizerFast' }));
  return folder;
}

it.each(HOSTILE)('%s', async (_name, parts, place) => {
  const folder = await folderWith(parts);
  const error: unknown = await loadTokenizer(folder).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: 'AppError',
    code: 'TOKENIZER-FILE',
    message: expect.stringMatching(place) as string,
    remedy: expect.any(String) as string,
  });
  expect(error).toMatchObject({ message: expect.stringContaining(join(folder, 'tokenizer.json')) as string });
  expect((error as Error).message.length).toBeLessThan(1000);
});

it('a table that holds together is used: a is written b', async () => {
  const table = charsmap(0, 'b\0');
  expect(checkCharsmap(table)).toEqual({ fault: null, growth: 1 });
  const tokenizer = await loadTokenizer(
    await folderWith({ ...precompiled(table), model: { type: 'WordLevel', vocab: { '<unk>': 0, b: 1 }, unk_token: '<unk>' } }),
  );
  expect([...(await tokenizer.encode('a', { addSpecialTokens: false }))]).toEqual([1]);
});

it('a text that it cannot turn into ids is told as the file, not in the words of the library', async () => {
  const folder = await folderWith({
    model: { type: 'Unigram', vocab: [['a', -1]], unk_id: null },
    pre_tokenizer: null,
    normalizer: null,
    decoder: null,
    post_processor: null,
  });
  const tokenizer = await loadTokenizer(folder);
  await expect(tokenizer.encode('z', { addSpecialTokens: false })).rejects.toMatchObject({
    code: 'TOKENIZER-FILE',
    message: expect.stringContaining(`${join(folder, 'tokenizer.json')} cannot be used: a text holds something that its vocabulary lacks`) as string,
    data: { detail: expect.any(String) as string },
  });
});

it('a long text is refused where the file could lengthen it beyond what memory holds', async () => {
  const tokenizer = await loadTokenizer(await folderWith({ normalizer: replace('a', 'a'.repeat(30)) }));
  expect((await tokenizer.encode('aa', { addSpecialTokens: false })).length).toBeGreaterThan(0);
  await expect(tokenizer.encode('a'.repeat(3_000_000), { addSpecialTokens: false })).rejects.toMatchObject({
    code: 'TOKENIZER-FILE',
    message: expect.stringMatching(/may make a text 60 times as long/) as string,
  });
});
