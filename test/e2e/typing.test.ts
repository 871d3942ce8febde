/** @file Numbers typed key by key, as people write them, into every numeric field of every screen; and exact text drawn as it is. */
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillStudio } from '../support/filled-studio.ts';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { allScreens, type Filled } from './screens.ts';

const folder = tempFolder();
let filled: Filled;
let host: StudioHost;
let browser: Browser;

beforeAll(async () => {
  filled = await fillStudio(join(folder, 'data'));
  host = await startStudioHost(join(folder, 'data'));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await host.stop();
});

/** Twelve spellings, and what each is where the field takes it. `1,024` has two meanings, but not for a count. */
const SPELLINGS: readonly (readonly [text: string, value: number | 'asked'])[] = [
  ['2e-4', 0.0002],
  ['2E-4', 0.0002],
  ['.0003', 0.0003],
  ['1e-5', 0.00001],
  ['0.0002', 0.0002],
  ['1,5', 1.5],
  ['1_000', 1000],
  ['1 000', 1000],
  ['1,024', 'asked'],
  ['５１２', 512],
  ['5%', 0.05],
  ['  7 ', 7],
];

/** All text fields that ask for a number, whatever screen made them. */
const NUMBERS =
  'main input[inputmode="numeric"], main input[inputmode="decimal"], [role=dialog] input[inputmode="numeric"], [role=dialog] input[inputmode="decimal"]';

async function go(page: Page, path: string, heading: string | RegExp): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, path);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await page.waitForLoadState('networkidle');
}

/** What the field says below itself. */
async function below(input: Locator): Promise<string> {
  return input.evaluate((element) => {
    const wrapper = element.closest('.mantine-InputWrapper-root')!;
    return [...wrapper.querySelectorAll('.mantine-InputWrapper-error, .mantine-InputWrapper-description')]
      .map((each) => each.textContent)
      .join(' | ');
  });
}

async function typeAll(page: Page, input: Locator): Promise<readonly string[]> {
  const found: string[] = [];
  const before = await input.inputValue();
  const integer = (await input.getAttribute('inputmode')) === 'numeric';
  for (const [text, value] of SPELLINGS) {
    await input.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type(text);
    const said = await below(input);
    const kept = await input.inputValue();
    const expected = value === 'asked' ? (integer ? 'Read as 1024.' : 'This can mean 1024 or 1.024.') : `Read as ${value}.`;
    const fits = !integer || value === 'asked' || Number.isInteger(value);
    if (kept !== text) found.push(`${text} became ${kept}`);
    // A number that the field cannot take is said in words, as an error; what it was read as stands there all the same.
    if (text !== '0.0002' && !said.includes(expected)) found.push(`${text}: ${said}`);
    if (!fits && !said.includes('Must be')) found.push(`${text} in a field of counts: ${said}`);
    if (/expected|received|invalid|null|NaN/i.test(said)) found.push(`${text}: a schema's words: ${said}`);
  }
  await page.keyboard.press('Control+a');
  await page.keyboard.type(before === '' ? ' ' : before);
  return found;
}

it('takes twelve spellings in every numeric field of every screen', async () => {
  const { page, problems } = await openPage(browser, host.url);
  const fields: string[] = [];
  const found: string[] = [];
  for (const { name, path, heading } of allScreens(filled)) {
    await go(page, path, heading);
    if (name === 'train') await page.getByText('All', { exact: true }).click();
    if (name === 'compare')
      await page
        .getByRole('button', { name: /tokens/i })
        .first()
        .click();
    if (name === 'compare') await page.getByText('Sampl', { exact: false }).first().click();
    // By a mark of their own: a field may take another one away for as long as something wrong stands in it.
    const count = await page.locator(NUMBERS).evaluateAll((all) => all.map((each, index) => each.setAttribute('data-typed', String(index))).length);
    for (let index = 0; index < count; index++) {
      const input = page.locator(`[data-typed="${index}"]`);
      const label =
        (await input.evaluate((element: HTMLInputElement) => element.labels?.[0]?.textContent ?? element.getAttribute('aria-label'))) ?? '?';
      fields.push(`${name}: ${label}`);
      found.push(...(await typeAll(page, input)).map((each) => `${name}, ${label}: ${each}`));
    }
  }
  expect(found).toEqual([]);
  // No other kind of numeric field is left on any screen: those would clamp and rewrite.
  expect(await page.locator('input[type=number], .mantine-NumberInput-input').count()).toBe(0);
  for (const one of [
    'train: Learning rate',
    'train: Longest example',
    'train: Warm-up',
    'train: Seed',
    'inspector: Longest example',
    'dataset: Go to row',
    'compare: Seed',
    'settings: CPU threads',
  ])
    expect(fields).toContain(one);
  expect(problems).toEqual([]);
});

it('says beside the field what is legal and hardly meant, and starts nothing with a wrong number', async () => {
  const { page } = await openPage(browser, host.url);
  await go(page, `/train?model=${filled.modelId}&dataset=${filled.datasetId}`, 'Train');
  const rate = page.getByRole('textbox', { name: 'Learning rate' });
  const start = page.getByRole('button', { name: 'Start training' });
  await rate.fill('5');
  await page.getByText(/^Very high: adapters usually learn/).waitFor();
  await expect.poll(() => start.isEnabled()).toBe(true);
  await rate.fill('1,024');
  await page.getByText('This can mean 1024 or 1.024. Write the one you mean.').waitFor();
  expect(await start.isDisabled()).toBe(true);
  // It is kept across screens, not turned into anything.
  await go(page, '/settings', 'Settings');
  await go(page, `/train?model=${filled.modelId}&dataset=${filled.datasetId}`, 'Train');
  expect(await rate.inputValue()).toBe('1,024');
  await page.getByRole('textbox', { name: 'Epochs' }).fill('1');
  await page
    .getByRole('textbox', { name: 'Epochs' })
    .evaluate((element) => element.closest('.mantine-InputWrapper-root')!.textContent?.includes('passes'))
    .then((several) => expect(several).toBe(false));
});

it('keeps the row in sight while a number in the Inspector is wrong', async () => {
  const { page } = await openPage(browser, host.url);
  await go(page, `/inspector?model=${filled.modelId}&dataset=${filled.datasetId}`, 'Inspector');
  const tokens = page.getByRole('group', { name: /tokens$/ });
  await tokens.waitFor();
  await page.getByRole('textbox', { name: 'Longest example' }).fill('12 apples');
  await page.getByText('“apples” does not belong here. Write the number alone.').waitFor();
  await page.waitForTimeout(500);
  expect(await tokens.isVisible()).toBe(true);
});

it('takes a pasted configuration on Train, with every notice', async () => {
  const { page } = await openPage(browser, host.url);
  await go(page, `/train?model=${filled.modelId}&dataset=${filled.datasetId}`, 'Train');
  await page.getByRole('button', { name: 'Paste a configuration' }).click();
  const dialog = page.getByRole('dialog', { name: 'Paste a configuration' });
  const text = dialog.getByRole('textbox', { name: 'Configuration (JSON)' });
  await text.fill('learning_rate: 1e-3');
  await dialog.getByText(/looks like YAML/).waitFor();
  await text.fill(JSON.stringify({ model_name_or_path: 'x', lora_r: 8, learning_rate: '1e-3', output_dir: 'o', optim: 'lion' }));
  await dialog.getByText('optim "lion" is not supported: only adamw_torch, sgd and adafactor are.').waitFor();
  await text.fill(JSON.stringify({ model_name_or_path: 'x', lora_r: 8, learning_rate: '1e-3', output_dir: 'o', optim: 'adamw_torch' }));
  await dialog.getByText('lora_r is read as lora.r 8.').waitFor();
  await dialog.getByRole('button', { name: 'Use these settings' }).click();
  await expect.poll(() => page.getByRole('textbox', { name: 'Learning rate' }).inputValue()).toBe('0.001');
  expect(await page.getByRole('textbox', { name: 'Rank' }).inputValue()).toBe('8');
});

it('draws no ligature and no alternate letter in any monospace text', async () => {
  const { page } = await openPage(browser, host.url);
  const wrong: string[] = [];
  let seen = 0;
  for (const { name, path, heading } of allScreens(filled)) {
    await go(page, path, heading);
    if (name === 'inspector') await page.getByRole('tab', { name: 'Rendered text' }).click();
    if (name === 'run') await page.getByRole('tab').last().click();
    const found = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('body *')]
        .filter((element) => element.textContent !== '' && getComputedStyle(element).fontFamily.includes('JetBrains'))
        .map((element) => {
          const { fontVariantLigatures: ligatures, fontFeatureSettings: features } = getComputedStyle(element);
          return {
            ok: ligatures === 'none' && features.includes('"calt" 0') && !features.includes('cv'),
            what: `${element.tagName}.${element.className}: ${ligatures} ${features}`,
          };
        }),
    );
    seen += found.length;
    wrong.push(...found.filter(({ ok }) => !ok).map(({ what }) => `${name}: ${what}`));
  }
  expect(seen).toBeGreaterThan(10);
  expect([...new Set(wrong)]).toEqual([]);
});
