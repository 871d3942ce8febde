import { expect, it } from 'vitest';
import { exactParts } from './exact-parts.ts';

const drawn = (text: string) =>
  exactParts(text)
    .map((part) => (part.kind === 'text' ? part.text : `[${part.glyph}]`))
    .join('');
const whole = (text: string) =>
  exactParts(text)
    .map((part) => (part.kind === 'text' ? part.text : part.raw))
    .join('');

it.each([
  ['plain text of one line', 'plain text of one line'],
  ['a\tb\r\n', 'a[⇥]b[␍][↵]'],
  ['nul\0 bell\u0007 del\u007f c1\u0090', 'nul[␀] bell[␇] del[␡] c1[U+0090]'],
  ['zero\u200bwidth\ufeff', 'zero[ZWSP]width[BOM]'],
  ['sep\u2028par\u2029nel\u0085', 'sep[LSEP]par[PSEP]nel[␤]'],
  ['no\u00a0break full\u3000width en\u2002space', 'no[⍽]break full[□]width en[U+2002]space'],
  ['evil\u202etxt\u2066x', 'evil[U+202E]txt[U+2066]x'],
  ['half \ud800 pair', 'half [U+D800] pair'],
  ['ends in spaces  \nand here ', 'ends in spaces[␣␣][↵]and here[␣]'],
  ['not  in the middle', 'not  in the middle'],
  ['family 👨‍👩‍👧 and join\u200der', 'family 👨‍👩‍👧 and join[ZWJ]er'],
  ['<|im_start|> != -> 汉字', '<|im_start|> != -> 汉字'],
  ['', ''],
])('draws what cannot be seen in %j', (text, expected) => {
  expect(drawn(text)).toBe(expected);
  // What is copied is what was there.
  expect(whole(text)).toBe(text);
});

it('looks at a long run of spaces once: looked at from each space anew, this takes minutes', () => {
  const text = `${' '.repeat(200_000)}x`;
  expect(exactParts(text)).toEqual([{ kind: 'text', text }]);
});
