/** @file The whole job as a person does it, by mouse, by role and label: from a dropped CSV with foreign column names to two models answering side by side. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../src/main/registry/database.ts';
import { RunsTable } from '../../src/main/registry/runs-table.ts';
import { dropFile } from '../support/drop-file.ts';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage, screenshotBoth } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MODEL = join(ROOT, 'resources', 'starter', 'model');
const data = join(tempFolder(), 'data');
let host: StudioHost;
let browser: Browser;

beforeAll(async () => {
  host = await startStudioHost(data);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await host.stop();
});

/** The starter's questions and answers as a CSV whose columns no format knows. */
async function foreignCsv(): Promise<string> {
  const lines = (await readFile(join(ROOT, 'resources', 'starter', 'dataset.jsonl'), 'utf8')).trim().split('\n');
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const rows = lines.map((line) => {
    const { prompt, completion } = JSON.parse(line) as Record<'prompt' | 'completion', readonly { readonly content: string }[]>;
    return `${quote(prompt[0]!.content)},${quote(completion[0]!.content)}`;
  });
  return ['frage,antwort', ...rows].join('\n');
}

async function choose(page: Page, label: string | RegExp, option: string | RegExp): Promise<void> {
  await page.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option }).first().click();
}

/** Step and loss that the loss chart tells a screen reader. */
async function chartPoint(page: Page): Promise<string> {
  return (await page.getByRole('region', { name: 'Loss', exact: true }).getByRole('img').getAttribute('aria-label'))!;
}

async function stepShown(page: Page): Promise<number> {
  const text = await page
    .getByText(/^Step [\d,]+ of [\d,]+/)
    .first()
    .textContent();
  return Number(/^Step ([\d,]+)/.exec(text!)![1]!.replaceAll(',', ''));
}

it('from a dropped CSV to two models answering side by side, through a reload, a killed engine and a new host', async () => {
  const { page, context, problems } = await openPage(browser, host.url);
  const nav = (name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true });

  await nav('Models').click();
  await page.getByRole('button', { name: 'Open folder…' }).click();
  await page.getByRole('textbox', { name: 'Folder' }).fill(MODEL);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByRole('table', { name: 'Models' }).getByText('llama').waitFor();
  await screenshotBoth(page, 'models');

  await nav('Datasets').click();
  await dropFile(page, 'fragen.csv', await foreignCsv());
  const dialog = page.getByRole('dialog');
  await dialog
    .getByRole('alert')
    .getByText(/no known format fits/)
    .waitFor();
  expect(await dialog.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true);
  await choose(page, 'Format', 'Prompt and completion');
  await choose(page, 'Column for prompt', 'frage');
  await choose(page, 'Column for completion', 'antwort');
  await dialog.getByText('Is a goose bigger than a butterfly?').first().waitFor();
  await screenshotBoth(page, 'import');
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('heading', { name: 'fragen', level: 1 }).waitFor();
  await page.getByRole('grid').getByText('Is a goose bigger than a butterfly?').waitFor();
  await screenshotBoth(page, 'dataset');

  await page.getByRole('link', { name: 'Inspect', exact: true }).click();
  const tokens = page.getByRole('group', { name: /tokens$/ });
  await tokens.waitFor();
  // The answer is learned, the question is not.
  expect(
    await tokens
      .locator('[data-state="trained"]')
      .allTextContents()
      .then((all) => all.join('')),
  ).toContain('Ahoy');
  expect(
    await tokens
      .locator('[data-state="masked"]')
      .allTextContents()
      .then((all) => all.join('')),
  ).toContain('goose');
  await page.getByText('900', { exact: true }).first().waitFor();
  await screenshotBoth(page, 'inspector');

  await page.getByRole('link', { name: 'Train with these settings' }).click();
  await page.getByRole('textbox', { name: 'Batch size' }).fill('8');
  await page.getByRole('textbox', { name: 'Learning rate' }).fill('0.0015');
  await page.getByRole('textbox', { name: 'Save every' }).fill('40');
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('Captain');
  await screenshotBoth(page, 'train');
  await page.getByRole('button', { name: 'Start training' }).click();

  await page.getByRole('heading', { name: 'Captain', level: 1 }).waitFor();
  await expect.poll(() => stepShown(page).catch(() => 0), { timeout: 60_000 }).toBeGreaterThan(5);
  const early = await chartPoint(page);
  await expect.poll(() => chartPoint(page)).not.toBe(early);

  const beforeReload = await stepShown(page);
  await page.reload();
  await page.getByRole('heading', { name: 'Captain', level: 1 }).waitFor();
  await expect.poll(() => stepShown(page).catch(() => 0)).toBeGreaterThan(beforeReload);

  await expect.poll(() => stepShown(page), { timeout: 120_000 }).toBeGreaterThan(60);
  await screenshotBoth(page, 'run');
  const run = new RunsTable(openDatabase(join(data, 'registry.sqlite'))).all()[0]!;
  process.kill(run.engine_pid!, 'SIGKILL');
  await page.getByText(/^Interrupted at step \d+/).waitFor();
  await screenshotBoth(page, 'run-interrupted');
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('main').getByText('Completed', { exact: true }).waitFor({ timeout: 300_000 });
  await page.getByRole('tab', { name: 'Log' }).click();
  // Only the lines in sight are there, and the end is in sight first.
  const log = page.getByRole('log');
  await expect
    .poll(
      async () => {
        await log.evaluate((element) => {
          element.scrollTop -= 200;
        });
        return log.getByText(/it goes on from the checkpoint of step \d+/).count();
      },
      { timeout: 60_000 },
    )
    .toBe(1);

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download adapter' }).click()]);
  const files = Object.keys(unzipSync(new Uint8Array(await readFile(await download.path()))));
  expect(files).toEqual(expect.arrayContaining(['adapter_config.json', 'adapter_model.safetensors']));

  await page.getByRole('link', { name: 'Compare', exact: true }).last().click();
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('What is a horse?');
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page
    .getByText(/matey|Avast|Ahoy|ye!/)
    .first()
    .waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Ask', exact: true }).waitFor({ timeout: 60_000 });
  await screenshotBoth(page, 'compare');
  expect(problems).toEqual([]);
  await context.close();

  await host.stop();
  host = await startStudioHost(data);
  const again = await openPage(browser, host.url);
  await again.page.getByRole('navigation').getByRole('link', { name: 'Runs', exact: true }).click();
  const row = again.page.getByRole('row', { name: /Captain/ });
  await row.getByText('Completed').waitFor();
  await screenshotBoth(again.page, 'runs');
  await row.getByRole('link', { name: 'Captain' }).click();
  await expect.poll(() => chartPoint(again.page).catch(() => ''), { timeout: 30_000 }).toContain('at Step 339');
  await again.page.getByRole('navigation').getByRole('link', { name: 'Datasets', exact: true }).click();
  await again.page.getByRole('link', { name: 'fragen' }).waitFor();
  await again.page.getByRole('navigation').getByRole('link', { name: 'Compare', exact: true }).click();
  await again.page.getByText('What is a horse?').first().waitFor();
  expect(again.problems).toEqual([]);
});
