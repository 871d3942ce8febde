import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HANDS } from '../support/hands.ts';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage, screenshotBoth, screenshotWidths } from '../support/studio-page.ts';
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

/** Headings of the steps before the training, each left by the button behind it. */
const STEPS = [
  ['A language model', 'Next'],
  ['What it is to learn', 'Next'],
  ['One row, token by token', 'Start training'],
] as const;

for (const means of ['mouse', 'keyboard'] as const) {
  it(`the tour is walked step by step, a look back included, and asked a question of one's own, by ${means}`, { timeout: 900_000 }, async () => {
    const { click, write } = HANDS[means];
    const { page, context, problems } = await openPage(browser, host.url);
    const picture = (name: string) => (means === 'mouse' ? screenshotWidths(page, `tour-${name}`) : Promise.resolve());
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    await picture('0-home');
    await click(page, 'button', 'Take the tour');
    for (const [index, [title, onward]] of STEPS.entries()) {
      await page.getByRole('heading', { name: title, exact: true }).waitFor();
      // What a step shows is there before one goes on.
      await page.getByLabel('Loading', { exact: true }).waitFor({ state: 'detached' });
      await picture(`${index + 1}-step`);
      await click(page, 'button', onward);
    }
    await page.getByRole('heading', { name: 'Learning', exact: true }).waitFor();
    await click(page, 'button', 'Back');
    await page.getByRole('heading', { name: 'One row, token by token', exact: true }).waitFor();
    await page.getByText('Waits for you.').waitFor();
    await click(page, 'button', 'Next');
    await click(page, 'button', 'Continue automatically');
    // Programs are compiled first.
    await page.getByText(/^Step \d+ of \d+$/).waitFor({ timeout: 180_000 });
    await picture('4-training');
    await page.getByRole('heading', { name: 'Compare', level: 1 }).waitFor({ timeout: 540_000 });
    await expect.poll(() => page.getByText(/tokens\/s/).count(), { timeout: 60_000 }).toBe(2);
    // The run has ended, and what is said of the model has followed.
    await page.getByText(/^Model in memory/).waitFor();
    await picture('5-compare');
    await write(page, 'Prompt', 'What is a lion?');
    await click(page, 'button', 'Ask');
    await page.getByRole('table').getByText('What is a lion?').waitFor();
    await expect.poll(() => page.getByText(/tokens\/s/).count(), { timeout: 60_000 }).toBe(2);
    await picture('6-question');
    expect(problems).toEqual([]);
    await context.close();
  });
}

it('the page has no Node, and its policy no eval', async () => {
  const { page } = await openPage(browser, host.url);
  await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  expect(
    await page.evaluate(() => [
      typeof (globalThis as { require?: unknown }).require,
      typeof (globalThis as { process?: unknown }).process,
      typeof (globalThis as { module?: unknown }).module,
    ]),
  ).toEqual(['undefined', 'undefined', 'undefined']);
  // In a timer of the page: what the browser's debugger evaluates itself is above its policy.
  expect(
    await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          setTimeout(() => {
            try {
              // oxlint-disable-next-line no-new-func
              resolve(String(new Function('return 1')()));
            } catch (error) {
              resolve((error as Error).name);
            }
          });
        }),
    ),
  ).toBe('EvalError');
});
