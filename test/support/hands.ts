/** @file The two means by which a person works a page: every job that can be done by one must go by the other. */
import type { Page } from 'playwright-core';
import { press, type } from './keyboard.ts';

export interface Hand {
  readonly click: (page: Page, role: 'button' | 'link', name: string) => Promise<void>;
  readonly write: (page: Page, field: string, text: string) => Promise<void>;
}

export const HANDS: Readonly<Record<'mouse' | 'keyboard', Hand>> = {
  mouse: {
    click: (page, role, name) => page.getByRole(role, { name, exact: true }).last().click(),
    write: (page, field, text) => page.getByRole('textbox', { name: field, exact: true }).fill(text),
  },
  keyboard: { click: press, write: type },
};
