/** @file What an address opens by itself in another tab starts nothing: no run, no question, no engine for either. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../src/main/registry/database.ts';
import { Generations } from '../../src/main/registry/generations.ts';
import { RunsTable } from '../../src/main/registry/runs-table.ts';
import { routes } from '../../src/renderer/lib/routes.ts';
import { fillStudio } from '../support/filled-studio.ts';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { allScreens, type Filled } from './screens.ts';

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

/** Three steps of the tour stand nine seconds each before it goes on by itself. */
const WHOLE_TOUR = 40_000;

const database = () => openDatabase(join(data, 'registry.sqlite'));
const runIds = () =>
  new RunsTable(database())
    .all()
    .map(({ id }) => id)
    .sort();
const asked = () => new Generations(database()).list(100).length;

/** Processes of the host's engines. */
async function engines(): Promise<readonly string[]> {
  const pid = host.child.pid!;
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(/\s+/).filter(Boolean).sort();
}

/** As a person opens an address in another tab of the same browser. */
async function tab(page: Page, path: string): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto(`${new URL(page.url()).origin}/#${path}`);
  return other;
}

it('the tour, opened by its address alone, shows its steps and waits before the training', async () => {
  const { page } = await openPage(browser, host.url);
  await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  const before = runIds();
  const other = await tab(page, routes.tour());
  await other.getByText('Waits for you.').waitFor({ timeout: WHOLE_TOUR * 3 });
  await delay(WHOLE_TOUR / 2);
  expect(runIds()).toEqual(before);
  await other.getByRole('button', { name: 'Start training' }).waitFor();
  await page.context().close();
});

it('while the tour trains in one tab, every screen in a second one starts nothing, and the tour there is the same run', async () => {
  const { page, problems } = await openPage(browser, host.url);
  await page.getByRole('button', { name: 'Take the tour' }).click();
  for (let i = 0; i < 2; i++) await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Start training' }).click();
  await page.getByText(/^Step [\d,]+ of/).waitFor({ timeout: 120_000 });
  const [runs, questions] = [runIds(), asked()];
  const tour = new RunsTable(database()).all().find(({ origin }) => origin === 'tour')!;

  const working = await engines();
  expect(working).toContain(String(tour.engine_pid));
  const touring = await tab(page, routes.tour());
  await touring.getByText(/^Step [\d,]+ of/).waitFor();
  expect(await touring.getByRole('heading', { name: 'The tour' }).count()).toBe(1);
  await delay(WHOLE_TOUR);
  expect(runIds()).toEqual(runs);
  // One that stays for questions may have gone meanwhile; none has come.
  expect((await engines()).filter((each) => !working.includes(each))).toEqual([]);

  for (const { path, heading } of [
    ...allScreens(filled),
    { path: routes.compare({ model: filled.modelId, runs: filled.runId, prompt: 'What is a fox?', tour: 1 }), heading: 'Compare' },
  ]) {
    const screen = await tab(page, path);
    await screen.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await screen.waitForLoadState('networkidle');
    await delay(1500);
    await screen.close();
  }
  expect(runIds()).toEqual(runs);
  expect(asked()).toBe(questions);
  await page.bringToFront();
  await page.getByRole('button', { name: 'Stop training' }).click();
  await page.getByRole('main').getByText('Stopped', { exact: true }).waitFor();
  expect(problems).toEqual([]);
});
