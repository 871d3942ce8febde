import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../../../test/support/test-folder.ts';
import type { CanonicalRow } from '../../../shared/domain/dataset.ts';
import type { RunDetail } from '../../../shared/domain/run-record.ts';
import { mannerOf } from './manner.ts';

/** A run of the studio: its recipe names the canonical rows. */
async function runOn(rows: readonly CanonicalRow[]): Promise<RunDetail> {
  const dir = await testFolder();
  const file = join(dir, 'rows.jsonl');
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return { dir, recipe: { dataset: { file } } } as unknown as RunDetail;
}

const chat = (source: number, system: string | null): CanonicalRow => ({
  kind: 'messages',
  source,
  messages: [
    ...(system === null ? [] : [{ role: 'system', content: system }]),
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Ahoy' },
  ],
});
const pair = (source: number): CanonicalRow => ({
  kind: 'chat-prompt-completion',
  source,
  prompt: [{ role: 'user', content: 'Q' }],
  completion: [{ role: 'assistant', content: 'A' }],
  plain: { prompt: 'Q', completion: 'A' },
});

it('offers the system prompt that all rows share, and none where they differ or one lacks it', async () => {
  expect(await mannerOf(await runOn([chat(1, 'Be a pirate.'), chat(2, 'Be a pirate.')]), true)).toEqual({
    plain: false,
    system: 'Be a pirate.',
    rows: 2,
  });
  expect(await mannerOf(await runOn([chat(1, 'Be a pirate.'), chat(2, 'Be brief.')]), true)).toMatchObject({ system: null });
  expect(await mannerOf(await runOn([chat(1, 'Be a pirate.'), chat(2, null)]), true)).toMatchObject({ system: null });
});

it('asks plainly where plain text was learned; pairs are plain only for a model without a template', async () => {
  const plain: CanonicalRow = { kind: 'prompt-completion', source: 1, prompt: 'Q: ', completion: 'A' };
  expect(await mannerOf(await runOn([plain]), true)).toMatchObject({ plain: true, system: null });
  expect(await mannerOf(await runOn([pair(1)]), true)).toMatchObject({ plain: false });
  expect(await mannerOf(await runOn([pair(1)]), false)).toMatchObject({ plain: true });
});

it('says nothing where the rows are gone or of another form', async () => {
  const run = await runOn([]);
  expect(await mannerOf(run, true)).toBeNull();
  await writeFile(run.recipe.dataset.file, 'question,answer\n');
  expect(await mannerOf(run, true)).toBeNull();
});
