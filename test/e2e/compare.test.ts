/** @file Compare and the inspector by an engine that stays: asking again, replying, reloading, and settings that show at once. */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { routes } from '../../src/renderer/lib/routes.ts';
import { fillStudio } from '../support/filled-studio.ts';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage, screenshotBoth } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';
import type { Filled } from './screens.ts';

const data = join(tempFolder(), 'data');
let filled: Filled;
let host: StudioHost;
let browser: Browser;

beforeAll(async () => {
  filled = await fillStudio(data);
  host = await startStudioHost(data);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await host.stop();
});

it('answers again and in turns; a reload keeps columns, prompt and settings', async () => {
  const { page, problems } = await openPage(browser, `${host.url}#${routes.compare({ model: filled.modelId, runs: filled.runId })}`, {
    width: 1920,
    height: 1080,
  });
  await page.getByText(/Model in memory/).waitFor({ timeout: 60_000 });
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('Who are you?');
  await page.getByRole('button', { name: /^Ask/ }).click();
  const reply = page.getByRole('button', { name: 'Reply in this conversation' });
  await reply.waitFor({ timeout: 60_000 });
  // The step stands in the head whatever the width; marks are off until they are asked for.
  expect(await page.getByRole('heading', { name: /Short run.*step 12/ }).count()).toBe(1);
  expect(await page.locator('ins, del').count()).toBe(0);
  await screenshotBoth(page, 'compare-answered');
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('And what do you eat?');
  await reply.click();
  await page.getByText('turn 2 ·').waitFor({ timeout: 60_000 });
  // Each column shows the first question, its answer to it, and the second question.
  expect(
    await page
      .getByRole('group', { name: /^Answer of/ })
      .getByText('Who are you?')
      .count(),
  ).toBe(2);
  await page.getByRole('switch', { name: 'Show differences' }).check();
  await screenshotBoth(page, 'compare-turns');
  await page.getByRole('button', { name: /How answers are drawn/ }).click();
  await page.getByRole('textbox', { name: 'Longest answer, tokens' }).fill('33');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Remove Base/ }).click();
  await page.reload();
  await page.getByRole('button', { name: /up to 33 tokens/ }).waitFor();
  expect(await page.getByRole('textbox', { name: 'Prompt', exact: true }).inputValue()).toBe('And what do you eat?');
  expect(await page.getByRole('heading', { level: 2, name: /Base model/ }).count()).toBe(0);
  expect(problems).toEqual([]);
});

it('the inspector shows a changed setting, with the counts of before dimmed until they are new', async () => {
  const { page, problems } = await openPage(browser, `${host.url}#${routes.inspector({ model: filled.modelId, dataset: filled.datasetId })}`);
  await page.getByRole('region', { name: 'Whole dataset' }).getByText('Learned', { exact: true }).waitFor({ timeout: 60_000 });
  await page.getByRole('textbox', { name: 'Longest example' }).fill('24');
  await page.getByText(/longest example 24/).waitFor({ timeout: 30_000 });
  expect(await page.locator('[data-stale="true"]').count()).toBe(0);
  await page.locator('[data-position="0"]').focus();
  await page.getByText(/the first token is never learned/).waitFor();
  await screenshotBoth(page, 'inspector-cut');
  expect(problems).toEqual([]);
});
