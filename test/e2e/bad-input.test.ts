/** @file Bad input through the screens: a message in its place that says what to do, and nothing of what was there is lost. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dropFile } from '../support/drop-file.ts';
import { fillStudio } from '../support/filled-studio.ts';
import { parityFixture } from '../support/fixture.ts';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage, type WatchedPage } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';
import type { Filled } from './screens.ts';

const folder = tempFolder();
const data = join(folder, 'data');
let filled: Filled;
let host: StudioHost;
let browser: Browser;
let opened: WatchedPage;

beforeAll(async () => {
  filled = await fillStudio(data);
  host = await startStudioHost(data);
  browser = await launchChromium();
  opened = await openPage(browser, host.url);
});
afterAll(async () => {
  await browser.close();
  await host.stop();
});

async function go(page: Page, path: string, heading: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, path);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
}

/** What was there before: one model, one dataset, one run. */
async function nothingLost(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await go(page, '/datasets', 'Datasets');
  await page.getByRole('link', { name: 'Pirate answers' }).waitFor();
  expect(await page.getByRole('table', { name: 'Datasets' }).getByRole('row').count()).toBe(2);
  await go(page, '/runs', 'Runs');
  await page.getByRole('row', { name: /Short run.*Completed/ }).waitFor();
  expect(opened.problems).toEqual([]);
}

it.each([
  ['broken JSON', 'broken.jsonl', '{"prompt": "a", "completion": \n{{{\n', /no usable row/],
  ['an empty file', 'empty.jsonl', '', /is empty/],
  ['wrong columns', 'wrong.csv', 'apples,pears\n1,2\n', /no known format fits its columns/],
  ['a file of another kind', 'picture.csv', '\u0000\u0001\u0002PNG', /./],
])('%s: says so in the dialog, offers no import, and loses nothing', async (_name, file, text, message) => {
  const { page } = opened;
  await go(page, '/datasets', 'Datasets');
  await dropFile(page, file, text);
  const dialog = page.getByRole('dialog');
  const alert = dialog.getByRole('alert');
  await alert.getByText(message).first().waitFor();
  // It names the file as the person knows it, not our copy of it.
  expect(await alert.textContent()).not.toContain(data);
  expect(await dialog.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true);
  await nothingLost(page);
});

it('a JSONL of a gigabyte shows how far it is, and breaking it off leaves nothing behind', async () => {
  const { page } = opened;
  const file = join(folder, 'gigabyte.jsonl');
  const block = Buffer.from(
    `${Array.from({ length: 1000 }, (_, i) => JSON.stringify({ prompt: `p${i} ${'ask '.repeat(200)}`, completion: 'answer' })).join('\n')}\n`,
  );
  const handle = openSync(file, 'w');
  for (let done = 0; done < 1024 ** 3; done += block.length) writeSync(handle, block);
  closeSync(handle);
  await go(page, '/datasets', 'Datasets');
  await page.getByRole('button', { name: /from this computer/i }).click();
  await page.getByRole('textbox', { name: 'Path' }).fill(file);
  await page.getByRole('button', { name: 'Go' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import dataset' });
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await dialog.getByText(/Importing: [\d,]{4,} rows/).waitFor();
  expect(await dialog.getByText(/\d+%/).count()).toBeGreaterThan(0);
  await dialog.getByRole('button', { name: 'Cancel' }).first().click();
  await expect.poll(() => readdir(join(data, 'datasets', 'library')).then((names) => names.length)).toBe(1);
  await page.keyboard.press('Escape');
  await nothingLost(page);
});

async function openModel(page: Page, path: string): Promise<Locator> {
  await go(page, '/models', 'Models');
  await page.getByRole('button', { name: 'Open folder…' }).click();
  await page.getByRole('textbox', { name: 'Folder' }).fill(path);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  return page.getByRole('dialog').getByRole('alert');
}

it('a lying safetensors header and an unknown family: said in the dialog with what to do, and no model is added', async () => {
  const { page } = opened;
  const lying = join(folder, 'lying');
  await cp(parityFixture('models', 'llama-tied'), lying, { recursive: true });
  const weights = await readFile(join(lying, 'model.safetensors'));
  await writeFile(join(lying, 'model.safetensors'), weights.subarray(0, 100_000));
  await (await openModel(page, lying)).getByText(/WEIGHTS-/).waitFor();
  await page.keyboard.press('Escape');

  const unknown = join(folder, 'unknown');
  await cp(parityFixture('models', 'llama-tied'), unknown, { recursive: true });
  const config = JSON.parse(await readFile(join(unknown, 'config.json'), 'utf8')) as Record<string, unknown>;
  await writeFile(join(unknown, 'config.json'), JSON.stringify({ ...config, model_type: 'mamba' }));
  await (await openModel(page, unknown)).getByText(/mamba/).first().waitFor();
  await page.keyboard.press('Escape');
  expect(await page.getByRole('table', { name: 'Models' }).getByRole('row').count()).toBe(2);
  await nothingLost(page);
});

it('a chat template that throws: said in the inspector, the row seen before stays in sight', async () => {
  const { page } = opened;
  await go(page, `/inspector?model=${filled.modelId}&dataset=${filled.datasetId}`, 'Inspector');
  const tokens = page.getByRole('group', { name: /tokens$/ });
  await tokens.waitFor();
  await page.getByLabel('Chat template', { exact: true }).first().click();
  await page.getByRole('option', { name: 'Own text' }).click();
  const template = page.getByRole('textbox', { name: 'Text of the chat template' });
  // It begins from the model's own, so that a person changes what is there.
  expect(await template.inputValue()).toContain('message');
  await template.fill('{% if x %}');
  await page
    .getByRole('alert')
    .getByText(/line 1/)
    .first()
    .waitFor();
  await template.fill('{{ raise_exception("roles must alternate") }}');
  await page
    .getByRole('alert')
    .getByText(/roles must alternate/)
    .first()
    .waitFor();
  expect(await tokens.textContent()).toContain('goose');
  await template.fill('');
  await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  await nothingLost(page);
});

it('script in rows, names and folders is shown as text and never run', async () => {
  const { page } = opened;
  const evil = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>';
  const path = join(folder, '<img src=x onerror=hurt()>');
  await mkdir(path);
  await cp(parityFixture('models', 'llama-tied'), path, { recursive: true });
  await openModel(page, path);
  await page.getByRole('table', { name: 'Models' }).getByText('<img src=x onerror=hurt()>', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Actions for <img src=x onerror=hurt()>' }).click();
  await page.getByRole('menuitem', { name: 'Forget' }).click();

  await go(page, '/datasets', 'Datasets');
  await dropFile(page, 'evil.jsonl', `${JSON.stringify({ prompt: evil, completion: evil })}\n`);
  const dialog = page.getByRole('dialog');
  await dialog.getByText(evil).first().waitFor();
  await dialog.getByRole('textbox', { name: 'Name' }).fill(evil);
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: evil }).waitFor();
  await page.getByRole('grid').getByText(evil).first().waitFor();
  await page.getByRole('link', { name: 'Inspect', exact: true }).click();
  await page.getByRole('tab', { name: 'Rendered text' }).click();
  await page
    .getByText(/onerror="window.hurt=1"/)
    .first()
    .waitFor();
  expect(await page.evaluate(() => (globalThis as { hurt?: number }).hurt)).toBeUndefined();
  await go(page, '/datasets', 'Datasets');
  await page.getByRole('button', { name: `Actions for ${evil}` }).click();
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  await page.getByRole('button', { name: 'Delete dataset' }).click();
  await page.getByRole('link', { name: evil }).waitFor({ state: 'detached' });
  await nothingLost(page);
});

/** A data folder on a disk of a few megabytes; null where this user may not mount one. */
function smallDisk(): string | null {
  const place = join(folder, 'small-disk');
  mkdirSync(place);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', place], { stdio: 'ignore' });
  } catch {
    // Not allowed: the test says so by not running.
    return null;
  }
  return place;
}

const disk = smallDisk();
afterAll(() => disk !== null && execFileSync('umount', ['-l', disk]));

it.skipIf(disk === null /* mounting a small disk needs root */)(
  'a full disk: the import says so, and what was imported before is whole',
  async () => {
    const small = await startStudioHost(join(disk!, 'data'));
    const { page, context } = await openPage(browser, small.url);
    await go(page, '/datasets', 'Datasets');
    const file = join(folder, 'fits.jsonl');
    await writeFile(file, `${JSON.stringify({ prompt: 'a', completion: 'b' })}\n`);
    const byPath = async (path: string) => {
      await page.getByRole('button', { name: /from this computer/i }).click();
      await page.getByRole('textbox', { name: 'Path' }).fill(path);
      await page.getByRole('button', { name: 'Go' }).click();
      await page.getByRole('dialog', { name: 'Import dataset' }).getByRole('button', { name: 'Import', exact: true }).click();
    };
    await byPath(file);
    await page.getByRole('heading', { level: 1, name: 'fits' }).waitFor();
    await go(page, '/datasets', 'Datasets');
    await byPath(join(folder, 'gigabyte.jsonl'));
    await page
      .getByRole('dialog')
      .getByRole('alert')
      .getByText(/disk is full/i)
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'fits' }).click();
    await page.getByRole('grid').getByText('b', { exact: true }).waitFor();
    await context.close();
    await small.stop();
  },
);
