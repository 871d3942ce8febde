/** @file What a person does with versions: look at an earlier one, see what changed, bring it back, take it along; and what is told before a dataset goes. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillStudio } from '../support/filled-studio.ts';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage, screenshotBoth } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';

const folder = tempFolder();
let host: StudioHost;
let browser: Browser;
let datasetId: string;

beforeAll(async () => {
  ({ datasetId } = await fillStudio(join(folder, 'data')));
  host = await startStudioHost(join(folder, 'data'));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await host.stop();
});

it('versions are opened, compared, exported and restored; rows are gone through in the editor', async () => {
  const { page, problems } = await openPage(browser, host.url);
  await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  await page.evaluate((id) => {
    location.hash = `/datasets/${id}`;
  }, datasetId);
  const grid = page.getByRole('grid', { name: 'Rows', exact: true });
  await grid.getByRole('row').nth(3).waitFor();

  // Asking for a row goes there, so that Enter edits it.
  await page.getByRole('textbox', { name: 'Go to row' }).fill('5');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  const editor = page.getByRole('dialog', { name: 'Edit row' });
  await editor.getByText('Row 5 · row 5 of the file').waitFor();
  await screenshotBoth(page, 'dialog-row-editor-place');
  // An answer that is emptied is refused, and what was there stays.
  const answer = editor.getByRole('textbox', { name: 'Turn 2' });
  const before = await answer.inputValue();
  await answer.fill('  ');
  await editor.getByRole('button', { name: 'Save', exact: true }).click();
  await editor
    .getByRole('alert')
    .getByText(/is empty/)
    .waitFor();
  await answer.fill('A brand new answer.');
  // Going to the next row saves this one.
  await page.keyboard.press('Alt+ArrowDown');
  await editor.getByText('Row 6 · row 6 of the file').waitFor();
  await page.keyboard.press('Escape');
  await grid.getByText('A brand new answer.').waitFor();
  await page.getByRole('button', { name: 'Save version' }).click();
  await page.getByText(/Saved as version 2/).waitFor();

  await page.getByRole('tab', { name: 'Versions' }).click();
  await page.getByRole('button', { name: 'Compare version 1 with the newest' }).click();
  const difference = page.getByRole('dialog', { name: 'Version 1 compared with version 2' });
  await difference.getByText('1 changed').waitFor();
  await difference.getByText(before).waitFor();
  await difference.getByText('A brand new answer.').waitFor();
  await screenshotBoth(page, 'dialog-version-difference');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Open version 1' }).click();
  const old = page.getByRole('grid', { name: 'Rows of version 1' });
  await old.getByText(before).first().waitFor();
  expect(await old.getByText('A brand new answer.').count()).toBe(0);
  await screenshotBoth(page, 'dataset-version-1');
  await page.getByRole('button', { name: 'All versions' }).click();

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export version 2 as JSONL' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/-v2\.jsonl$/);
  expect(await readFile(await file.path(), 'utf8')).toContain('"content":"A brand new answer."');

  await page.getByRole('button', { name: 'Restore version 1' }).click();
  await page.getByText('Version 1 is back, as version 3').waitFor();
  await page.getByRole('tab', { name: 'Rows', exact: true }).click();
  await grid.getByText(before).first().waitFor();
  expect(problems).toEqual([]);
});

it('deleting a dataset says which runs were trained on it', async () => {
  const { page } = await openPage(browser, host.url);
  await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  await page.evaluate(() => {
    location.hash = '/datasets';
  });
  await page.getByRole('button', { name: 'Actions for Pirate answers' }).click();
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  await page
    .getByRole('dialog')
    .getByText(/1 run was trained on it: Short run\./)
    .waitFor();
  await screenshotBoth(page, 'dialog-delete-dataset');
});
