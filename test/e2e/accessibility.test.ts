/** @file axe on every screen and dialog, empty and filled, in both schemes; and a picture of each, 1280 and 1920 wide. */
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillStudio } from '../support/filled-studio.ts';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage, screenshotBoth } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { allScreens, type Filled } from './screens.ts';

const folder = tempFolder();
let host: StudioHost;
let empty: StudioHost;
let filled: Filled;
let browser: Browser;

beforeAll(async () => {
  filled = await fillStudio(join(folder, 'filled'));
  host = await startStudioHost(join(folder, 'filled'));
  empty = await startStudioHost(join(folder, 'empty'));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await Promise.all([host.stop(), empty.stop()]);
});

/** What axe finds that is serious or critical, as `rule: element`. Its source is evaluated: the policy lets no script be added. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations: all } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] });
    return all
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} | ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`));
  });
  return found;
}

async function bothSchemes(page: Page, where: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await violations(page)).map((each) => `${where} (${colorScheme}) ${each}`));
  }
  await page.emulateMedia({ colorScheme: 'light' });
  return found;
}

async function go(page: Page, path: string, heading: string | RegExp): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, path);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await page.waitForLoadState('networkidle');
}

it('finds nothing serious on any screen with something on it', async () => {
  const { page, problems } = await openPage(browser, host.url);
  const found: string[] = [];
  for (const { name, path, heading } of allScreens(filled)) {
    await go(page, path, heading);
    // What is asked of an engine comes a moment later.
    if (name === 'inspector') await page.getByRole('group', { name: /tokens$/ }).waitFor();
    if (name === 'run')
      await page
        .getByRole('img', { name: /at Step 12$/ })
        .first()
        .waitFor();
    found.push(...(await bothSchemes(page, name)));
    await screenshotBoth(page, `screen-${name}-1280`);
    await page.setViewportSize({ width: 1920, height: 1080 });
    await screenshotBoth(page, `screen-${name}-1920`);
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  expect(found).toEqual([]);
  expect(problems).toEqual([]);
});

it('finds nothing serious on any screen with nothing on it', async () => {
  const { page, problems } = await openPage(browser, empty.url);
  const found: string[] = [];
  for (const { name, path, heading } of allScreens({ modelId: 'none', datasetId: 'none', runId: 'none' }).filter(
    ({ name: each }) => each !== 'dataset' && each !== 'run',
  )) {
    await go(page, path, heading);
    found.push(...(await bothSchemes(page, `empty ${name}`)));
    await screenshotBoth(page, `empty-${name}`);
  }
  expect(found).toEqual([]);
  expect(problems).toEqual([]);
});

it('finds nothing serious in a dialog, and closes it with Escape', async () => {
  const { page } = await openPage(browser, host.url);
  await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  const found: string[] = [];
  const look = async (name: string, open: () => Promise<void>) => {
    await open();
    const dialog = page.getByRole('dialog').last();
    await dialog.waitFor();
    found.push(...(await bothSchemes(page, name)));
    await screenshotBoth(page, `dialog-${name}`);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  };
  await look('palette', () => page.keyboard.press('Control+k'));
  await go(page, '/models', 'Models');
  await look('open-model', () => page.getByRole('button', { name: 'Open folder…' }).click());
  await look('model-details', () => page.getByRole('table').getByRole('button', { name: 'Tunesmith starter', exact: true }).click());
  await go(page, `/datasets/${filled.datasetId}`, 'Pirate answers');
  await look('row-editor', async () => {
    await page.getByRole('grid').focus();
    await page.keyboard.press('Enter');
  });
  await go(page, '/runs', 'Runs');
  await look('delete-run', async () => {
    await page.getByRole('button', { name: 'Actions for Short run' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
  });
  expect(found).toEqual([]);
});
