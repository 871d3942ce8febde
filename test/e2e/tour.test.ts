import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
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

it('the tour goes from one click to base and tuned model side by side, by itself', async () => {
  const { page, problems } = await openPage(browser, host.url);
  const started = performance.now();
  await page.getByRole('button', { name: 'Take the tour' }).click();
  await page.getByRole('heading', { name: 'Compare', level: 1 }).waitFor({ timeout: 300_000 });
  await expect.poll(() => page.getByText(/tokens\/s/).count(), { timeout: 60_000 }).toBe(2);
  // For a person to read; how fast a machine is proves nothing.
  console.log(`The tour took ${((performance.now() - started) / 1000).toFixed(0)} s.`);
  expect(await page.getByText(/matey|hearty|ye!|seas!/).count()).toBeGreaterThan(0);
  await screenshotBoth(page, 'tour-end');
  expect(problems).toEqual([]);
});

it('the page has no Node, and its policy no eval', async () => {
  const { page } = await openPage(browser, host.url);
  await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  expect(await page.evaluate(() => [typeof (globalThis as { require?: unknown }).require, typeof (globalThis as { process?: unknown }).process, typeof (globalThis as { module?: unknown }).module])).toEqual(['undefined', 'undefined', 'undefined']);
  // In a timer of the page: what the browser's debugger evaluates itself is above its policy.
  expect(await page.evaluate(() => new Promise<string>((resolve) => {
    setTimeout(() => {
      try {
        // oxlint-disable-next-line no-new-func
        resolve(String(new Function('return 1')()));
      } catch (error) {
        resolve((error as Error).name);
      }
    });
  }))).toBe('EvalError');
});
