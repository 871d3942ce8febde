/** @file Every weight of the starter trained by mouse: packed rows, an evaluation split, early stopping; what comes out is a model of its own. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillStudio } from '../support/filled-studio.ts';
import { HANDS } from '../support/hands.ts';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage, screenshotWidths } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';

const folder = tempFolder();
const { click, write } = HANDS.mouse;
let host: StudioHost;
let browser: Browser;

beforeAll(async () => {
  await fillStudio(join(folder, 'data'));
  host = await startStudioHost(join(folder, 'data'));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await host.stop();
});

async function choose(page: Page, field: string, option: RegExp): Promise<void> {
  await page.getByRole('combobox', { name: field, exact: true }).click();
  await page.getByRole('option', { name: option }).click();
}

it('full fine-tuning with packing, evaluation and early stopping ends in a model that answers beside its base', async () => {
  const { page, context, problems } = await openPage(browser, host.url);
  await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  await page.getByRole('navigation').getByRole('link', { name: 'Train', exact: true }).click();
  await page.getByRole('heading', { name: 'Train', level: 1 }).waitFor();
  await choose(page, 'What is trained', /Every weight/);
  // What belongs to adapters has gone, and the rate is that of full fine-tuning.
  await expect.poll(() => page.getByRole('textbox', { name: 'Rank', exact: true }).count()).toBe(0);
  expect(await page.getByRole('textbox', { name: 'Learning rate', exact: true }).inputValue()).toBe('0.00002');
  await write(page, 'Learning rate', '2e-3');
  await write(page, 'Epochs', '3');
  // Packs are as long as the longest example may be.
  await write(page, 'Longest example', '256');
  await page.getByRole('switch', { name: /^Packing/ }).check();
  await choose(page, 'Evaluation', /each epoch/i);
  await write(page, 'Held out', '0.2');
  await write(page, 'Stop early after', '1');
  await page.getByRole('switch', { name: /^End with the best/ }).check();
  await write(page, 'Name of the run', 'Every weight');
  await screenshotWidths(page, 'every-weight-train');
  await click(page, 'button', 'Start training');

  await page.getByRole('heading', { name: 'Every weight', level: 1 }).waitFor();
  await page.getByRole('main').getByText('Completed', { exact: true }).waitFor({ timeout: 180_000 });
  await page
    .getByRole('main')
    .getByText(/held out/i)
    .first()
    .waitFor();
  await screenshotWidths(page, 'every-weight-run');

  await page.getByRole('navigation').getByRole('link', { name: 'Models', exact: true }).click();
  await page.getByRole('table').getByText('Every weight').first().waitFor();
  await screenshotWidths(page, 'every-weight-models');

  await page.goBack();
  await page.getByRole('heading', { name: 'Every weight', level: 1 }).waitFor();
  await click(page, 'link', 'Compare');
  await page.getByRole('heading', { name: 'Compare', level: 1 }).waitFor();
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('Captain, what do you see?');
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).press('Control+Enter');
  await expect.poll(() => page.getByText(/tokens\/s/).count(), { timeout: 90_000 }).toBe(2);
  await screenshotWidths(page, 'every-weight-compare');
  expect(problems).toEqual([]);
  await context.close();
});
