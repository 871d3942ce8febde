/** @file What can be done with a run is in reach on narrow windows, in the list and on the run's page. */
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
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

async function isWithin(page: Page, element: Locator): Promise<boolean> {
  const box = (await element.boundingBox())!;
  return box.x >= 0 && box.x + box.width <= page.viewportSize()!.width;
}

it.each([1024, 1280, 1920])('at %i pixels the menu of a run is in the window, in the list and on its page', async (width) => {
  const { page, context, problems } = await openPage(browser, host.url, { width });
  await page.getByRole('navigation').getByRole('link', { name: 'Runs', exact: true }).click();
  const menu = page.getByRole('button', { name: /^Actions for Short run/ }).first();
  await menu.waitFor();
  expect(await isWithin(page, menu)).toBe(true);
  await screenshotBoth(page, `runs-${width}`);
  await page
    .getByRole('link', { name: /^Short run/ })
    .first()
    .click();
  await page
    .getByRole('img', { name: /at Step 12$/ })
    .first()
    .waitFor();
  const onPage = page.getByRole('button', { name: /^Actions for Short run/ });
  expect(await isWithin(page, onPage)).toBe(true);
  await screenshotBoth(page, `run-${width}`);
  await page.getByRole('tab', { name: 'Log' }).click();
  await screenshotBoth(page, `run-log-${width}`);
  expect(problems).toEqual([]);
  await context.close();
});

it('the palette downloads what is open: a run its adapter, a dataset its rows', async () => {
  const { page, context, problems } = await openPage(browser, `${host.url}#/runs/${filled.runId}`);
  const fetched = async (heading: string, command: string) => {
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Search and commands' }).waitFor();
    await page.keyboard.type('Download');
    // It is the first that is found, and opened by keyboard.
    await page.getByRole('button', { name: command }).waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('ArrowDown').then(() => page.keyboard.press('Enter'))]);
    expect(await download.failure()).toBeNull();
    return download.suggestedFilename();
  };
  expect(await fetched('Short run', "Download this run's adapter")).toMatch(/adapter\.zip$/);
  await page.evaluate((id) => {
    location.hash = `/datasets/${id}`;
  }, filled.datasetId);
  expect(await fetched('Pirate answers', 'Download this dataset')).toMatch(/\.jsonl$/);
  expect(problems).toEqual([]);
  await context.close();
});

it('on its page a run is renamed, written about and deleted, and says what goes with it; notes survive a reload', async () => {
  const { page, problems } = await openPage(browser, `${host.url}#/runs/${filled.runId}`);
  const menu = page.getByRole('button', { name: /^Actions for/ });
  await menu.click();
  await page.getByRole('menuitem', { name: 'Rename…' }).click();
  await page
    .getByRole('textbox', { name: 'Name' })
    .fill('A run with a name that is far too long for any column of any table in any window whatsoever');
  await page.getByRole('button', { name: 'Rename', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: /^A run with a name/ }).waitFor();
  await page.getByRole('textbox', { name: 'Notes' }).fill('Twelve steps are enough to see it.');
  await page.getByText('Saved', { exact: true }).waitFor();
  await page.reload();
  await expect
    .poll(() =>
      page
        .getByRole('textbox', { name: 'Notes' })
        .inputValue()
        .catch(() => ''),
    )
    .toBe('Twelve steps are enough to see it.');
  await page.setViewportSize({ width: 1024, height: 800 });
  await page.getByRole('navigation').getByRole('link', { name: 'Runs', exact: true }).click();
  const inList = page.getByRole('button', { name: /^Actions for A run/ });
  await inList.waitFor();
  expect(await isWithin(page, inList)).toBe(true);
  await screenshotBoth(page, 'runs-long-name-1024');
  await page.getByRole('link', { name: /^A run with/ }).click();
  await menu.click();
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/2 checkpoints go with it; the folder holds [\d.]+ MiB/).waitFor();
  await screenshotBoth(page, 'run-delete');
  await dialog.getByRole('button', { name: 'Delete run' }).click();
  await page.getByRole('heading', { name: 'This run has been deleted' }).or(page.getByText('This run has been deleted')).first().waitFor();
  expect(problems).toEqual([]);
});
