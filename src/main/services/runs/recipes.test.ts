import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { readPrompts } from '../compare/prompt-files.ts';
import { loadRecipe } from './recipes.ts';

it('counts paths of the file from its folder, and paths given beside it from the working directory', async () => {
  const folder = await testFolder();
  await mkdir(join(folder, 'deep'));
  const file = join(folder, 'deep', 'recipe.json');
  await writeFile(file, JSON.stringify({ model_name_or_path: '../model', dataset: 'rows.jsonl', lora: { r: 4 }, lora_alpha: 8 }));
  const { recipe, notices } = await loadRecipe({ file, values: { adapter: 'start', 'lora.lora_dropout': 0.1 } });
  expect(recipe).toMatchObject({
    model: join(folder, 'model'),
    adapter: resolve('start'),
    dataset: { file: join(folder, 'deep', 'rows.jsonl') },
    lora: { r: 4, lora_alpha: 8, lora_dropout: 0.1 },
  });
  expect(notices.join(' ')).toContain('model_name_or_path is read as model');
  const other = await loadRecipe({ file, values: { 'dataset.file': 'mine.jsonl', 'dataset.format': 'text' } });
  expect(other.recipe.dataset).toMatchObject({ file: resolve('mine.jsonl'), format: 'text' });
});

it('a TRL configuration over a file of conversations learns them as a whole, over prompts and completions the completion', async () => {
  const folder = await testFolder();
  const load = async (row: object) => {
    const file = join(folder, 'rows.jsonl');
    await writeFile(file, `${JSON.stringify(row)}\n`);
    return loadRecipe({ file: null, values: { model: 'm', 'dataset.file': file, output_dir: 'out', bf16: false } });
  };
  const chat = await load({
    messages: [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ],
  });
  expect(chat.recipe.loss).toBe('all');
  expect(chat.notices.at(-1)).toMatch(/one of TRL, which learns conversations as a whole/);
  expect((await load({ prompt: 'a', completion: 'b' })).recipe.loss).toBe('auto');
});

it('needs no file', async () => {
  const { recipe } = await loadRecipe({ file: null, values: { model: 'm', 'dataset.file': 'd.csv' } });
  expect(recipe).toMatchObject({ model: resolve('m'), dataset: { file: resolve('d.csv') } });
});

it.each([
  ['nothing', null, 'RECIPE-FILE', /there is no such file/],
  ['half a file', '{"model":', 'RECIPE-FILE', /not valid JSON/],
  ['a list', '[]', 'RECIPE', /must be an object/],
  ['__proto__', '{"__proto__": {"model": "m"}}', 'RECIPE', /model/],
])('refuses %s in words', async (_name, text, code, words) => {
  const file = join(await testFolder(), 'recipe.json');
  if (text !== null) await writeFile(file, text);
  await expect(loadRecipe({ file, values: {} })).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
});

it('reads prompts as a list, as lines of JSON and as lines of text', async () => {
  const file = join(await testFolder(), 'prompts');
  const read = async (text: string) => {
    await writeFile(file, text);
    return readPrompts(file);
  };
  const messages = [{ role: 'user', content: 'b' }];
  expect(await read(JSON.stringify(['a', { prompt: 'c' }, { messages }, messages]))).toEqual([
    { kind: 'question', text: 'a' },
    { kind: 'question', text: 'c' },
    { kind: 'messages', messages },
    { kind: 'messages', messages },
  ]);
  expect(await read('{"prompt": "a"}\n{"prompt": "b"}\n')).toEqual([
    { kind: 'question', text: 'a' },
    { kind: 'question', text: 'b' },
  ]);
  expect(await read('a question\n\nanother\n')).toEqual([
    { kind: 'question', text: 'a question' },
    { kind: 'question', text: 'another' },
  ]);
  for (const bad of ['', '[]', '[1]', '{"a": 1}', '[{'])
    await expect(read(bad)).rejects.toMatchObject({ code: 'PROMPT-FILE', message: expect.stringContaining(file) });
});
