/** @file A page used without a mouse: Tab, arrows, Enter and typing. What Tab cannot reach fails. */
import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';

/** Stops of Tab from one end of a screen to the other, with room to spare. */
const MOST_STOPS = 200;

/** Tab until the focus is there; one that Tab cannot reach fails. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let i = 0; i < MOST_STOPS; i++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${target.toString()}`);
}

export async function press(page: Page, role: 'button' | 'link', name: string | RegExp): Promise<void> {
  await tabTo(page, page.getByRole(role, { name, ...(typeof name === 'string' ? { exact: true } : {}) }).last());
  await page.keyboard.press('Enter');
}

export async function type(page: Page, name: string, text: string): Promise<void> {
  await tabTo(page, page.getByRole('textbox', { name, exact: true }));
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
}

/** Opens a closed list and goes down to an option. */
export async function pick(page: Page, name: string, option: string): Promise<void> {
  await tabTo(page, page.getByRole('combobox', { name, exact: true }));
  await page.keyboard.press('Enter');
  const wanted = page.getByRole('option', { name: option, exact: true });
  await wanted.waitFor();
  for (let i = 0; i < 20; i++) {
    if ((await wanted.getAttribute('data-combobox-selected')) === 'true') break;
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Enter');
  await wanted.waitFor({ state: 'hidden' });
  expect(await page.getByRole('combobox', { name, exact: true }).inputValue()).toBe(option);
}

/** Through the command palette. */
export async function palette(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Search and commands' }).waitFor();
  await page.keyboard.type(name);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}
