/** @file Rows that an import sets aside: told before and after, mended on the page, and trained with the others; findings lead to their rows. */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dropFile } from '../support/drop-file.ts';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage, screenshotBoth } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';

let host: StudioHost;
let browser: Browser;

beforeAll(async () => {
  host = await startStudioHost(join(tempFolder(), 'data'));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await host.stop();
});

const pair = (question: string, answer: string) => JSON.stringify({ question, answer, topic: 'animals' });

it('a row set aside is shown with its text, mended and taken in; a finding leads to its row', async () => {
  const lines = [pair('q1', 'a1'), pair('q2', '   '), '{"question": "q3", "answer": "a3"', pair('q4', 'a4'), pair('q1', 'a1')];
  const { page, problems } = await openPage(browser, host.url);
  await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  await page.evaluate(() => {
    location.hash = '/datasets';
  });
  await page.getByRole('heading', { name: 'Datasets', level: 1 }).waitFor();
  await dropFile(page, 'odd.jsonl', lines.join('\n'));
  const dialog = page.getByRole('dialog', { name: 'Import dataset' });
  await dialog.getByText('2 of the first rows would be set aside').waitFor();
  await dialog.getByText(/column "topic" is not used/).waitFor();
  await screenshotBoth(page, 'import-set-aside');
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();

  await page.getByRole('tab', { name: '2 rows set aside' }).click();
  const text = page.getByRole('textbox', { name: 'Text of row 3 of the file' });
  expect(await text.inputValue()).toBe(lines[2]);
  const take = page.getByRole('button', { name: 'Take in row 3 of the file' });
  // As it is, it is refused again, and nothing is added.
  await take.click();
  await page
    .getByText(/Row 3 of the file/)
    .first()
    .waitFor();
  await text.fill('{"question": "q3", "answer": "mended"}');
  await take.click();
  await page.getByText('Row 3 of the file was added at the end').waitFor();
  await screenshotBoth(page, 'dataset-set-aside');

  await page.getByRole('tab', { name: /findings?$/ }).click();
  const findings = page.getByRole('list', { name: 'Findings' });
  await screenshotBoth(page, 'dataset-findings');
  // The duplicate is row 5 of the file, and the third of the dataset.
  await findings.getByRole('listitem').filter({ hasText: 'same as an earlier row' }).getByRole('button', { name: 'row 5 of the file' }).click();
  const grid = page.getByRole('grid', { name: 'Rows', exact: true });
  await grid.getByText('mended').waitFor();
  expect(await grid.locator('[data-active="true"]').getAttribute('id')).toBe('row-2');
  expect(problems).toEqual([]);
});
