/** The bundled starter is what its scripts make: a change of the grammar without new files, or of the files by hand, fails here. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from 'tokenizers';
import { expect, test } from 'vitest';
import { parseRecipe } from '../../src/shared/domain/recipe/parse.ts';
import { testFolder } from '../support/test-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const STARTER = join(ROOT, 'resources/starter');

function script(name: string, ...args: readonly string[]): void {
  execFileSync(process.execPath, [join(ROOT, 'scripts/starter', `${name}.ts`), ...args], { stdio: 'pipe' });
}

interface Row {
  readonly prompt: readonly { readonly content: string }[];
  readonly completion: readonly { readonly content: string }[];
}

function datasetRows(): Row[] {
  return readFileSync(join(STARTER, 'dataset.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

test('dataset and prompts are made by their script', async () => {
  const folder = await testFolder();
  script('generate-style-dataset', folder);
  for (const name of ['dataset.jsonl', 'prompts.json']) {
    expect(readFileSync(join(folder, name), 'utf8'), name).toBe(readFileSync(join(STARTER, name), 'utf8'));
  }
});

test('no prompt of the demo is asked in the dataset', () => {
  const asked = new Set(datasetRows().map((row) => row.prompt[0]!.content));
  const prompts = JSON.parse(readFileSync(join(STARTER, 'prompts.json'), 'utf8')) as string[];
  expect(prompts.filter((prompt) => asked.has(prompt))).toEqual([]);
});

test('tokenizer is made by its script from the generated corpus', async () => {
  const folder = await testFolder();
  script('generate-corpus', folder, '60000');
  script('train-tokenizer', join(folder, 'corpus.jsonl'), join(folder, 'model'));
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    expect(readFileSync(join(folder, 'model', name), 'utf8') === readFileSync(join(STARTER, 'model', name), 'utf8'), name).toBe(true);
  }
});

test('tokenizer gives every text back', async () => {
  const tokenizer = Tokenizer.fromFile(join(STARTER, 'model/tokenizer.json'));
  const texts = [...datasetRows().map((row) => row.completion[0]!.content), "Größe 漢字 🙂  two  spaces\n\n\ttab 12345 don't"];
  for (const text of texts) {
    const encoding = await tokenizer.encode(text, null, { addSpecialTokens: false });
    expect(await tokenizer.decode(encoding.getIds(), true)).toBe(text);
  }
});

test('recipe is valid', () => {
  const { notices } = parseRecipe(JSON.parse(readFileSync(join(STARTER, 'recipe.json'), 'utf8')));
  expect(notices).toEqual([]);
});

test('model stays under 10 MB', async () => {
  const names = await readdir(join(STARTER, 'model'));
  const bytes = names.reduce((sum, name) => sum + statSync(join(STARTER, 'model', name)).size, 0);
  expect(bytes).toBeLessThan(10_000_000);
});
