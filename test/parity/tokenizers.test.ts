/**
 * @file tokenizer_class, flags and added tokens mean what transformers 5.18 makes of them: the same ids, offsets, names and texts
 * over strings with spaces, newlines, CJK, composed characters and special tokens. A wrong pipeline trains another text in silence.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { effectOfClass } from '../../src/main/engine/text/tokenizer/tokenizer-class.ts';
import { loadTokenizer } from '../../src/main/engine/text/tokenizer/tokenizer.ts';
import { parityFixture } from '../support/fixture.ts';
import { testFolder } from '../support/test-folder.ts';

interface Case {
  readonly name: string;
  readonly file: string;
  readonly config: object;
  readonly others: Readonly<Record<string, object>>;
  readonly model_type: string;
  readonly named: Readonly<Record<string, string>>;
  readonly size: number;
  readonly ids: readonly (readonly number[])[];
  readonly plain: readonly (readonly number[])[];
  readonly offsets: readonly (readonly number[])[];
  readonly texts: readonly string[];
  readonly without_special: readonly string[];
}

const fixture = (name: string): string => parityFixture('tokenizers', name);
const read = async <T>(name: string): Promise<T> => JSON.parse(await readFile(fixture(name), 'utf8')) as T;
const { strings, cases } = await read<{ readonly strings: readonly string[]; readonly cases: readonly Case[] }>('cases.json');

async function folderOf({ file, config, others, model_type }: Case): Promise<string> {
  const folder = await testFolder();
  const write = (name: string, value: unknown): Promise<void> =>
    writeFile(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
  const files: Record<string, unknown> = { 'config.json': { model_type }, 'tokenizer_config.json': config, ...others };
  if (file === 'vocab') {
    const { model } = await read<{ readonly model: { readonly vocab: object; readonly merges: readonly (readonly string[])[] } }>('bytes.json');
    files['vocab.json'] = model.vocab;
    files['merges.txt'] = `#version: 0.2\n${model.merges.map((merge) => merge.join(' ')).join('\n')}\n`;
  } else files['tokenizer.json'] = await readFile(fixture(`${file}.json`), 'utf8');
  for (const [name, value] of Object.entries(files)) await write(name, value);
  return folder;
}

/** As Python counts: characters, not UTF-16 units. */
function inCharacters(offsets: ArrayLike<number>, text: string): number[] {
  return Array.from(offsets, (unit) => Array.from(text.slice(0, unit)).length);
}

describe('a folder loads as with transformers', () => {
  it.each(cases.map((c) => [c.name, c] as const))('%s', async (_name, c) => {
    const tokenizer = await loadTokenizer(await folderOf(c));
    const plain = { addSpecialTokens: false };
    expect({ ...tokenizer.namedTokens }).toEqual(c.named);
    expect(tokenizer.vocabSize).toBe(c.size);
    const rows = (encoded: readonly Int32Array[]): number[][] => encoded.map((row) => [...row]);
    expect(rows(await tokenizer.encodeBatch(strings, { addSpecialTokens: true }))).toEqual(c.ids);
    const placed = await tokenizer.encodeBatchWithOffsets(strings, plain);
    expect(rows(placed.map(({ ids }) => ids))).toEqual(c.plain);
    expect(placed.map(({ offsets }, i) => inCharacters(offsets, strings[i]!))).toEqual(c.offsets);
    expect(await Promise.all(c.ids.map((ids) => tokenizer.decode(ids, { skipSpecialTokens: false })))).toEqual(c.texts);
    expect(await Promise.all(c.ids.map((ids) => tokenizer.decode(ids, { skipSpecialTokens: true })))).toEqual(c.without_special);
  });
});

describe('every class of the library', () => {
  it('is taken as it stands, rebuilt or refused by name, as the library takes, rebuilds or refuses it', async () => {
    const observed = await read<Readonly<Record<string, string>>>('classes.json');
    const ours = Object.fromEntries(Object.keys(observed).map((name) => [name, effectOfClass({ className: name, modelType: 'llama' }).kind]));
    const wrong = Object.entries(observed).filter(([name, effect]) => (effect === 'as it stands') !== (ours[name] === 'as-it-stands'));
    expect(wrong).toEqual([]);
  });

  it('a class that splits text in a way of its own is refused with the way out', async () => {
    const [first] = cases;
    const folder = await folderOf({ ...first!, config: { tokenizer_class: 'BertTokenizerFast' } });
    await expect(loadTokenizer(folder)).rejects.toMatchObject({
      code: 'TOKENIZER-FILE',
      message: expect.stringMatching(/"BertTokenizer"/),
      remedy: expect.stringMatching(/PreTrainedTokenizerFast/),
    });
  });

  it('a byte-level file under LlamaTokenizer keeps its own pipeline: rebuilt, it would lose every space (DeepSeek-coder, R1-Distill-Llama)', async () => {
    const asItStands = cases.find(({ name }) => name === 'PreTrainedTokenizerFast bare')!;
    const tokenizer = await loadTokenizer(await folderOf({ ...asItStands, config: { tokenizer_class: 'LlamaTokenizerFast' } }));
    expect((await tokenizer.encodeBatch(strings, { addSpecialTokens: true })).map((row) => [...row])).toEqual(asItStands.ids);
  });
});
