import { expect, it } from 'vitest';
import { textLanguage } from './text-language.ts';

it.each([
  ['How do I reset it?', undefined],
  ['如何重置密码？', 'zh'],
  ['直し方を教えて', 'ja'],
  ['비밀번호', 'ko'],
  ['日本語 カナ', 'ja'],
  ['', undefined],
  ['Größe', undefined],
])('%s is %s', (text, language) => {
  expect(textLanguage(text)).toBe(language);
});
