/** @file The whole job without a mouse: every step by Tab, arrows, Enter and typing. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { palette, pick, press, tabTo, type } from '../support/keyboard.ts';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';

const MODEL = join(import.meta.dirname, '..', '..', 'resources', 'starter', 'model');
const folder = tempFolder();
let host: StudioHost;
let browser: Browser;

beforeAll(async () => {
  host = await startStudioHost(join(folder, 'data'));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await host.stop();
});

it('opens a model, imports and maps a CSV, inspects, trains, and compares, by keyboard alone', async () => {
  const file = join(folder, 'fragen.csv');
  await writeFile(file, ['frage,antwort', ...Array.from({ length: 40 }, (_, i) => `What is number ${i}?,"Ahoy, it be ${i}."`)].join('\n'));
  const { page, problems } = await openPage(browser, host.url);
  await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();

  await press(page, 'link', 'Models');
  await press(page, 'button', 'Open folder…');
  await type(page, 'Folder', MODEL);
  await page.keyboard.press('Enter');
  await page.getByRole('table', { name: 'Models' }).getByText('llama').waitFor();

  await palette(page, 'Datasets');
  await press(page, 'button', /from this computer/i);
  await type(page, 'Path', file);
  await page.keyboard.press('Enter');
  await pick(page, 'Format', 'Prompt and completion');
  await pick(page, 'Column for prompt', 'frage');
  await pick(page, 'Column for completion', 'antwort');
  await page.getByText('Ahoy, it be 3.').first().waitFor();
  await press(page, 'button', 'Import');
  await page.getByRole('heading', { name: 'fragen', level: 1 }).waitFor();

  // A row is edited and the change undone.
  await tabTo(page, page.getByRole('grid'));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await type(page, 'completion', 'Avast!');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('grid').getByText('Avast!').waitFor();
  await press(page, 'button', 'Undo');
  await page.getByRole('grid').getByText('Ahoy, it be 1.', { exact: true }).waitFor();

  await press(page, 'link', 'Inspect');
  const tokens = page.getByRole('group', { name: /tokens$/ });
  await tabTo(page, tokens.locator('[data-position="0"]'));
  await page.keyboard.press('ArrowRight');
  await page.getByText(/^Token 2 · id \d+/).waitFor();

  await press(page, 'link', 'Train with these settings');
  await type(page, 'Epochs', '0.5');
  await type(page, 'Name of the run', 'By keyboard');
  await press(page, 'button', 'Start training');
  await page.getByRole('heading', { name: 'By keyboard', level: 1 }).waitFor();
  await page.getByRole('main').getByText('Completed', { exact: true }).waitFor({ timeout: 120_000 });

  await press(page, 'link', 'Compare');
  await page.getByRole('heading', { name: 'Compare', level: 1 }).waitFor();
  await type(page, 'Prompt', 'What is number 7?');
  await page.keyboard.press('Control+Enter');
  // A model trained on plain text for a few steps may end at once: what counts is that both columns have answered.
  await expect.poll(() => page.getByText(/· finished$/).count(), { timeout: 60_000 }).toBe(2);
  expect(problems).toEqual([]);
});
