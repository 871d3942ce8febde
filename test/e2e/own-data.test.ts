/** @file A person's own files, each from drop to comparison: by mouse, and again by keyboard. Nothing is corrected on the way: what the studio chooses has to be right. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillStudio } from '../support/filled-studio.ts';
import { dropFile } from '../support/drop-file.ts';
import { HANDS, type Hand } from '../support/hands.ts';
import { palette, press, tabTo, type } from '../support/keyboard.ts';
import { OWN_FILES, SYSTEM_PROMPT, type OwnFile } from '../support/own-files.ts';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage, screenshotWidths } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';

const folder = tempFolder();
let host: StudioHost;
let browser: Browser;

beforeAll(async () => {
  // The starter's model is there, as after the tour.
  await fillStudio(join(folder, 'data'));
  host = await startStudioHost(join(folder, 'data'));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await host.stop();
});

/** How a file is brought: dropped, or named by its path. */
const BRING: Readonly<Record<keyof typeof HANDS, (page: Page, file: OwnFile) => Promise<void>>> = {
  async mouse(page, { name, text }) {
    await page.getByRole('navigation').getByRole('link', { name: 'Datasets', exact: true }).click();
    await page.getByRole('heading', { name: 'Datasets', level: 1 }).waitFor();
    await dropFile(page, name, text);
  },
  async keyboard(page, { name, text }) {
    await mkdir(join(folder, 'files'), { recursive: true });
    await writeFile(join(folder, 'files', name), text);
    await palette(page, 'Datasets');
    await press(page, 'button', /from this computer/i);
    await type(page, 'Path', join(folder, 'files', name));
    await page.keyboard.press('Enter');
  },
};

const textOf = (page: Page, state: string) =>
  page
    .getByRole('group', { name: /tokens$/ })
    .locator(`[data-state="${state}"]`)
    .allTextContents()
    .then((all) => all.join(''));

async function fromDropToComparison(page: Page, hand: Hand, file: OwnFile, picture: (name: string) => Promise<void>): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Import dataset' });
  await dialog.getByText(file.learned).first().waitFor();
  expect(await page.getByRole('combobox', { name: 'Format', exact: true }).inputValue()).toContain(file.format);
  // Nothing is wrong with these files, so nothing may look wrong.
  expect(await dialog.getByRole('alert').count()).toBe(0);
  await picture('import');
  await hand.click(page, 'button', 'Import');
  await page.getByRole('heading', { name: file.name.replace(/\.\w+$/, ''), level: 1 }).waitFor();
  await page.getByRole('grid').getByText(file.lastAnswer).first().waitFor();
  await picture('dataset');

  await hand.click(page, 'link', 'Inspect');
  await page.getByRole('group', { name: /tokens$/ }).waitFor();
  await expect.poll(() => textOf(page, 'trained')).toContain(file.learned);
  expect(await textOf(page, 'trained')).not.toContain(file.masked);
  expect(await textOf(page, 'masked')).toContain(file.masked);
  await picture('inspector');

  await hand.click(page, 'link', 'Train with these settings');
  await page.getByRole('heading', { name: 'Train', level: 1 }).waitFor();
  await hand.write(page, 'Epochs', '1');
  await hand.write(page, 'Learning rate', '2e-3');
  await hand.write(page, 'Name of the run', `Own ${file.name}`);
  await picture('train');
  await hand.click(page, 'button', 'Start training');
  await page.getByRole('heading', { name: `Own ${file.name}`, level: 1 }).waitFor();
  await page.getByRole('main').getByText('Completed', { exact: true }).waitFor({ timeout: 180_000 });
  await picture('run');

  await hand.click(page, 'link', 'Compare');
  await page.getByRole('heading', { name: 'Compare', level: 1 }).waitFor();
  await hand.write(page, 'Prompt', file.question);
  await tabTo(page, page.getByRole('textbox', { name: 'Prompt', exact: true }));
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => page.getByText(/tokens\/s/).count(), { timeout: 90_000 }).toBe(2);
  // What the run was trained under is what it is asked under.
  if (file.masked === 'Captain Salt') expect(await page.getByRole('textbox', { name: /system prompt/i }).inputValue()).toBe(SYSTEM_PROMPT);
  await picture('compare');
}

for (const means of ['mouse', 'keyboard'] as const) {
  it.each(OWN_FILES)(`$name, by ${means}`, async (file) => {
    const { page, context, problems } = await openPage(browser, host.url);
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    const picture =
      means === 'mouse' ? (name: string) => screenshotWidths(page, `own-${file.name.split('.').at(-1)}-${name}`) : async () => undefined;
    await BRING[means](page, file);
    await fromDropToComparison(page, HANDS[means], file, picture);
    expect(problems).toEqual([]);
    await context.close();
  });
}
