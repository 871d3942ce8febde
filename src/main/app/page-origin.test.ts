import { expect, it } from 'vitest';
import { isOwnPage, PAGE_URL } from './page-origin.ts';

it('knows its own pages from all others', () => {
  for (const url of [PAGE_URL, 'app://tunesmith/', 'APP://tunesmith/index.html#x']) expect(isOwnPage(url), url).toBe(true);
  for (const url of [
    '',
    'about:blank',
    'app://',
    'app://tunesmith.evil/',
    'app://evil/tunesmith',
    'app:tunesmith',
    'app://tunesmith@evil/',
    'file:///tunesmith',
    'https://tunesmith/',
    'javascript:alert(1)',
    'data:text/html,x',
  ]) {
    expect(isOwnPage(url), url).toBe(false);
  }
});
