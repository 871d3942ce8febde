/** @file The whole job without a mouse: every step by Tab, arrows, Enter and typing. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';

const MODEL = join(import.meta.dirname, '..', '..', 'resources', 'starter', 'model');
/** Stops of Tab from one end of a screen to the other, with room to spare. */
const MOST_STOPS = 150;
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

/** Tab until the focus is there; one that Tab cannot reach fails. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let i = 0; i < MOST_STOPS; i++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${target.toString()}`);
}

async function press(page: Page, role: 'button' | 'link', name: string | RegExp): Promise<void> {
  await tabTo(page, page.getByRole(role, { name, ...(typeof name === 'string' ? { exact: true } : {}) }).last());
  await page.keyboard.press('Enter');
}

async function type(page: Page, name: string, text: string): Promise<void> {
  await tabTo(page, page.getByRole('textbox', { name, exact: true }));
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
}

/** Opens a closed list and goes down to an option. */
async function pick(page: Page, name: string, option: string): Promise<void> {
  await tabTo(page, page.getByRole('combobox', { name, exact: true }));
  await page.keyboard.press('Enter');
  const wanted = page.getByRole('option', { name: option, exact: true });
  await wanted.waitFor();
  for (let i = 0; i < 20; i++) {
    if ((await wanted.getAttribute('data-combobox-selected')) === 'true') break;
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Enter');
  await wanted.waitFor({ state: 'hidden' });
  expect(await page.getByRole('combobox', { name, exact: true }).inputValue()).toBe(option);
}

/** Through the command palette. */
async function palette(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Search and commands' }).waitFor();
  await page.keyboard.type(name);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

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
  await expect.poll(() => page.getByText(/tokens\/s/).count(), { timeout: 60_000 }).toBe(2);
  expect(problems).toEqual([]);
});
