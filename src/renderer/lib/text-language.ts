/**
 * @file The language of a person's own text, as far as its script tells. Han characters have other shapes in Chinese and Japanese, and a
 * page in English says nothing of which; `lang` on the element decides.
 */

const SCRIPTS: readonly (readonly [RegExp, string])[] = [
  // Kana decides for Japanese, whatever Han characters stand beside it.
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, 'ja'],
  [/\p{Script=Hangul}/u, 'ko'],
  [/\p{Script=Han}/u, 'zh'],
];

/** Enough to see the script; a row may be long. */
const LOOKED_AT = 2000;

/** For the attribute `lang`; undefined where the script leaves it to the page. */
export function textLanguage(text: string): 'ja' | 'ko' | 'zh' | undefined {
  const start = text.slice(0, LOOKED_AT);
  return SCRIPTS.find(([script]) => script.test(start))?.[1] as 'ja' | 'ko' | 'zh' | undefined;
}
