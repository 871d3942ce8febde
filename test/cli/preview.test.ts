import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventsOf, runCli } from '../support/run-cli.ts';
import { parityFixture } from '../support/fixture.ts';
import { tempFolder } from '../support/temp-folder.ts';

const DATA = join(tempFolder(), 'data');

interface Encoded {
  readonly input_ids: readonly number[];
  readonly labels: readonly number[];
}

it.each([
  'llama-tied-prompt-completion',
  'llama-untied-text',
  'qwen2-tied-chat-prompt-completion',
  'qwen2-tied-messages',
  'qwen2-untied-assistant-only',
])('%s: ids and labels are those of TRL, and the pieces join to the text', async (name) => {
  const golden = (await readFile(parityFixture('training', name, 'encoded.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Encoded);
  const result = await runCli('preview', '--recipe', parityFixture('training', name, 'recipe.json'), '--rows', '0..999', '--data', DATA, '--json');
  expect(result.code).toBe(0);
  const rows = eventsOf(result, 'row');
  // The goldens hold the rows in the dataset's order, without those that have nothing to learn; so does the preview.
  expect(rows.map(({ input_ids, labels }) => ({ input_ids, labels }))).toEqual(golden.map(({ input_ids, labels }) => ({ input_ids, labels })));
  for (const row of rows) {
    expect((row['tokens'] as readonly string[]).join('')).toBe(row['text']);
    expect((row['mask'] as readonly number[]).length).toBe((row['input_ids'] as readonly number[]).length);
  }
});

it('marks what is learned where there are no colours, and refuses rows that do not exist', async () => {
  const recipe = parityFixture('training', 'llama-tied-prompt-completion', 'recipe.json');
  const shown = await runCli('preview', '--recipe', recipe, '--rows', '0', '--data', DATA);
  expect(shown.stdout).toMatch(/^Row 0 .*26 learned\n[\s\S]*«By the market\. 你好, said the keeper/);
  expect(await runCli('preview', '--recipe', recipe, '--rows', '900', '--data', DATA)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/has 32 usable rows/),
  });
  expect(await runCli('preview', '--recipe', recipe, '--rows', 'all', '--data', DATA)).toMatchObject({ code: 2 });
});

it('says what was imported and which rows training leaves out', async () => {
  const file = join(tempFolder(), 'odd.csv');
  await writeFile(file, 'Ask;Réponse;Topic\nWhy?;Because.;life\nthree;cells;and;one more\n');
  const args = [
    'preview',
    '--model',
    parityFixture('models', 'llama-tied'),
    '--dataset',
    file,
    '--set',
    'dataset.mapping.prompt=Ask',
    '--set',
    'dataset.mapping.completion=Réponse',
    '--rows',
    '0',
    '--data',
    DATA,
  ];
  const shown = await runCli(...args);
  expect(shown).toMatchObject({ code: 0 });
  expect(shown.stderr).toMatch(
    /Imported 1 row \(prompt-completion\)[\s\S]*row 2: the row on line 3 has 4 cells, the header has 3 columns[\s\S]*The column "Topic" is not used\. \(1 row of the file: 1\)/,
  );
  expect(eventsOf(await runCli(...args, '--json'), 'imported')).toMatchObject([
    {
      rows: 1,
      badRows: 1,
      findings: expect.arrayContaining([
        expect.objectContaining({ code: 'UNUSED-COLUMN', rows: { count: 1, first: [{ source: 1, position: 0 }] } }),
      ]) as unknown,
    },
  ]);
});
