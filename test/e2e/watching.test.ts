/** @file Stays on a live run as a person does, and compares each second what is drawn with where the run is. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../src/main/registry/database.ts';
import { RunsTable } from '../../src/main/registry/runs-table.ts';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage, screenshotBoth } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';

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

interface Seen {
  /** Told beside the chart, and drawn in it: the last x, and the axis. */
  readonly told: number;
  readonly last: number;
  readonly from: number;
  readonly to: number;
  /** Of the table behind the chart, as a screen reader is told. */
  readonly summary: string;
}

/** In one task of the page, so that nothing can come between. */
async function look(page: Page, words: string): Promise<Seen> {
  return page.evaluate((pattern) => {
    const told = new RegExp(pattern).exec(document.querySelector('main')!.textContent ?? '');
    const plot = document.querySelector<HTMLElement>('section[aria-label="Loss"] [role="img"]')!;
    const { drawnLast, drawnFrom, drawnTo } = plot.dataset;
    return {
      told: Number(told?.[1]?.replaceAll(',', '') ?? 0),
      last: Number(drawnLast),
      from: Number(drawnFrom),
      to: Number(drawnTo),
      summary: plot.getAttribute('aria-label')!,
    };
  }, words);
}

/** Looks each second from the first step until `enough` steps have passed. @returns what was seen, with the registry's step a second before */
async function sit(page: Page, words: string, enough: number, stepOfRun: () => number): Promise<readonly (Seen & { readonly before: number })[]> {
  await expect.poll(() => stepOfRun(), { timeout: 120_000 }).toBeGreaterThan(0);
  const seen: (Seen & { readonly before: number })[] = [];
  while ((seen.at(-1)?.last ?? 0) < enough) {
    const before = stepOfRun();
    await delay(1000);
    seen.push({ ...(await look(page, words)), before });
  }
  return seen;
}

function expectFollowed(seen: readonly (Seen & { readonly before: number })[], total: number): void {
  // One look proves nothing: it must have been live.
  expect(seen.length).toBeGreaterThan(3);
  for (const { told, last, from, to, summary, before } of seen) {
    expect({ last, from, to, summary }).toEqual({
      last: told,
      from: 1,
      to: total,
      summary: expect.stringMatching(new RegExp(`at Step ${told.toLocaleString('en')}$`)),
    });
    expect(last).toBeGreaterThanOrEqual(before);
  }
}

it('the run page draws the step that it tells, at every moment of sixty steps, over the planned steps', async () => {
  const { page, problems } = await openPage(browser, host.url);
  await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  await page.evaluate(() => {
    location.hash = '/?tour=1';
  });
  // The tour brings the bundled model and dataset in.
  await page.getByText('Tunesmith starter').first().waitFor();
  await page.getByRole('navigation').getByRole('link', { name: 'Train', exact: true }).click();
  await page.getByRole('textbox', { name: 'Save every' }).fill('10');
  // A whole pass over the rows; one that is slow enough to be sat with.
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('Sat with');
  await page.getByRole('button', { name: 'Start training' }).click();
  await page.getByRole('heading', { name: 'Sat with', level: 1 }).waitFor();
  const table = new RunsTable(openDatabase(join(data, 'registry.sqlite')));
  const run = () => table.all()[0]!;
  const seen = await sit(page, 'Step ([\\d,]+) of', 60, () => run().step);
  expectFollowed(seen, run().total_steps);
  await screenshotBoth(page, 'run-live');
  // "27 min left" at step 2 was what compiling took, reckoned as steps.
  const left = await page.getByText(/left$/).allTextContents();
  expect(left.filter((words) => /\d+ ?h|\d\d ?m/.test(words))).toEqual([]);
  await page
    .getByText(/CPU, \d+ thread/)
    .first()
    .waitFor();
  await page.getByRole('tab', { name: 'Log' }).click();
  const log = page.getByRole('log');
  for (const line of [
    /Loaded the model in/,
    /Compiled the training step in/,
    /parameters on CPU, \d+ thread.* in f32: steps 1 to/,
    /^.*Step 1 of/,
    /Saved the checkpoint of step 10\./,
  ])
    await log.getByText(line).first().waitFor();
  await screenshotBoth(page, 'run-live-log');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByRole('main').getByText('Stopped', { exact: true }).waitFor();
  await page.getByRole('tab', { name: 'Curves' }).click();
  await expect.poll(async () => (await look(page, 'Step ([\\d,]+) of')).last).toBe(run().step);
  expect(problems).toEqual([]);
});

it('the tour draws the step that it tells, and how long it has to go is no more than it takes', async () => {
  const { page, problems } = await openPage(browser, host.url);
  await page.getByRole('button', { name: 'Take the tour' }).click();
  for (let i = 0; i < 2; i++) await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Start training' }).click();
  const table = new RunsTable(openDatabase(join(data, 'registry.sqlite')));
  const run = () => table.all().find(({ name }) => name.startsWith('Tour'));
  const seen = await sit(page, 'Step ([\\d,]+) of', 60, () => run()?.step ?? 0);
  const left = await page.getByText(/left$/).allTextContents();
  expectFollowed(seen, run()!.total_steps);
  expect(left.filter((words) => /\d+ ?h|\d\d ?m/.test(words))).toEqual([]);
  await screenshotBoth(page, 'tour-live');
  await page.getByRole('button', { name: 'Stop training' }).click();
  await page.getByRole('main').getByText('Stopped', { exact: true }).waitFor();
  expect(problems).toEqual([]);
});
