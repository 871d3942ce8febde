/**
 * @file What of a text a person cannot see, as pure functions: control and format characters, odd spaces, lone surrogates. Text whose
 * promise is exactness must not hide them, nor let one of them (a bidirectional override) rearrange what stands beside it.
 */

export type ExactPart =
  | { readonly kind: 'text'; readonly text: string }
  /** A character that shows nothing by itself: what is drawn for it, and its name. */
  | { readonly kind: 'mark'; readonly raw: string; readonly glyph: string; readonly name: string };

/** Marks that have a sign of their own; others are drawn as their code point. */
const SIGNS: Readonly<Record<string, readonly [glyph: string, name: string]>> = {
  '\n': ['↵', 'line feed'],
  '\r': ['␍', 'carriage return'],
  '\t': ['⇥', 'tab'],
  '\u0085': ['␤', 'next line'],
  '\u00a0': ['⍽', 'no-break space'],
  '\u00ad': ['‐?', 'soft hyphen'],
  '\u200b': ['ZWSP', 'zero-width space'],
  '\u200c': ['ZWNJ', 'zero-width non-joiner'],
  '\u200d': ['ZWJ', 'zero-width joiner'],
  '\u200e': ['LRM', 'left-to-right mark'],
  '\u200f': ['RLM', 'right-to-left mark'],
  '\u2028': ['LSEP', 'line separator'],
  '\u2029': ['PSEP', 'paragraph separator'],
  '\u3000': ['□', 'ideographic space'],
  '\ufeff': ['BOM', 'byte order mark'],
  '\ufffd': ['\ufffd', 'replacement character'],
};

// Control, format, lone surrogate and space characters other than the plain space; and spaces at the end of a line, which nobody
// sees (looked at once a run of spaces: from each of them anew, a long run would take minutes).
const UNSEEN = /\p{Cc}|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}|[\p{Zs}--[ ]]|\ufffd|(?<! ) +(?=\n|$)/gv;
/** Emoji are held together by joiners and selectors, which belong to what is seen. */
const EMOJI = /\p{RGI_Emoji}/gv;

export function exactParts(text: string): readonly ExactPart[] {
  const parts: ExactPart[] = [];
  let at = 0;
  for (const found of unseen(text)) {
    if (found.index > at) parts.push({ kind: 'text', text: text.slice(at, found.index) });
    for (const raw of found.text.startsWith(' ') ? [found.text] : [...found.text]) parts.push(markOf(raw));
    at = found.index + found.text.length;
  }
  if (at < text.length) parts.push({ kind: 'text', text: text.slice(at) });
  return parts;
}

function unseen(text: string): readonly { readonly index: number; readonly text: string }[] {
  const found = [...text.matchAll(UNSEEN)].map((match) => ({ index: match.index, text: match[0] }));
  if (!found.some(({ text: raw }) => raw === '\u200d')) return found;
  const emoji = [...text.matchAll(EMOJI)].map((match) => [match.index, match.index + match[0].length] as const);
  return found.filter(({ index }) => !emoji.some(([start, end]) => index > start && index < end));
}

function markOf(raw: string): ExactPart {
  if (raw.startsWith(' ')) return { kind: 'mark', raw, glyph: '␣'.repeat(raw.length), name: 'space at the end of a line' };
  const [glyph, name] = SIGNS[raw] ?? [];
  if (glyph !== undefined) return { kind: 'mark', raw, glyph, name: name! };
  const code = raw.codePointAt(0)!;
  const point = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  // The control pictures stand in the order of the control characters.
  if (code < 0x20) return { kind: 'mark', raw, glyph: String.fromCodePoint(0x2400 + code), name: point };
  return { kind: 'mark', raw, glyph: code === 0x7f ? '␡' : point, name: point };
}
