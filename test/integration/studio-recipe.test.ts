import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dataFolder } from '../../src/main/app/paths.ts';
import { openStudio } from '../../src/main/studio.ts';
import { readingSchema, type DatasetSummary } from '../../src/shared/domain/dataset-record.ts';
import { recipeSettingsSchema } from '../../src/shared/domain/recipe/recipe.ts';
import type { DatasetLibrary } from '../../src/main/services/datasets/dataset-library.ts';
import { runCli } from '../support/run-cli.ts';
import { testFolder } from '../support/test-folder.ts';

async function imported(datasets: DatasetLibrary, file: string): Promise<DatasetSummary> {
  const reading = readingSchema.parse({ pairs: 'headings' });
  for await (const update of datasets.import({ kind: 'path', path: file }, 'Sums', reading, new AbortController().signal))
    if (update.kind === 'done') return update.dataset;
  throw new Error('the import said nothing');
}

const FEW = { max_steps: 3, lora: { r: 2 }, per_device_train_batch_size: 2 };

it('the recipe of a studio run names its dataset, and from the command line gives the same run, edits included', async () => {
  const folder = await testFolder();
  const data = dataFolder(join(folder, 'data'));
  const studio = openStudio(data, 'browser');
  const { runs, starter, datasets } = studio.services;
  const { model } = await starter.open();
  const file = join(folder, 'questions.jsonl');
  // Read in another way than by default, and edited since: the file alone would give another run.
  await writeFile(
    file,
    Array.from({ length: 6 }, (_, i) => `${JSON.stringify({ question: `What is ${i} and ${i}?`, answer: `It is ${2 * i}.` })}\n`).join(''),
  );
  const dataset = await imported(datasets, file);
  const [row] = (await datasets.rows(dataset.id, 0, 1)).rows;
  if (row?.row.kind !== 'text') throw new Error('no row written under headings');
  await datasets.edit(dataset.id, { kind: 'replace', key: row.key, row: { ...row.row, text: 'Nothing at all.' } });
  const settings = recipeSettingsSchema.parse(FEW);
  const run = await runs.start({ modelId: model.id, datasetId: dataset.id, settings }, 'asked');
  for await (const update of runs.watch(run.id, AbortSignal.timeout(120_000)))
    if (update.kind === 'run' && update.run.status.kind === 'completed') break;
  const { dir } = runs.get(run.id);
  await studio.close();

  const recipe = JSON.parse(await readFile(join(dir, 'recipe.json'), 'utf8')) as { readonly dataset: { readonly name: string } };
  expect(recipe.dataset.name).toBe(dataset.name);
  const out = join(folder, 'again');
  const { code, stderr } = await runCli(
    'train',
    '--recipe',
    join(dir, 'recipe.json'),
    '--device',
    'cpu',
    '--data',
    join(folder, 'other'),
    '--out',
    out,
  );
  expect(code, stderr).toBe(0);
  const [first, second] = await Promise.all([dir, out].map((place) => readFile(join(place, 'adapter', 'adapter_model.safetensors'))));
  expect(second!.equals(first!)).toBe(true);
});
