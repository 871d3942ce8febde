/**
 * @file What JSON text says and its JavaScript value does not: keys given twice, halves of surrogate
 * pairs, NaN. `JSON.parse` has checked the text (but for NaN), so the scan need not.
 */
import { isKey, stringEnd } from '../../../shared/lib/exact-json.ts';
import type { Note } from '../finding-book.ts';
import { quoted } from './source-record.ts';

const quote = 0x22;

/** Notes about a row's JSON text; none for nearly every row, at the cost of one pass. */
export function jsonNotes(text: string): readonly Note[] {
  const notes: Note[] = [];
  const twice = duplicateKey(text);
  if (twice !== null)
    notes.push({
      code: 'DUPLICATE-KEY',
      level: 'warning',
      message: `The key ${quoted(twice)} stands twice in one object; the last value was used.`,
      remedy: 'Remove one of the two.',
    });
  if (hasLoneSurrogate(text))
    notes.push({
      code: 'LONE-SURROGATE',
      level: 'warning',
      message: 'Half of a character (a lone surrogate such as \\ud83d) was replaced by U+FFFD.',
      remedy: 'The text was cut inside an emoji when it was written; write it again from the source.',
    });
  return notes;
}

/** A key that one object holds twice, or null. */
export function duplicateKey(text: string): string | null {
  // Null stands for a list, whose strings are no keys.
  const open: (Set<string> | null)[] = [];
  let keys: Set<string> | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      const end = stringEnd(text, at);
      if (keys !== null && isKey(text, end + 1)) {
        const key = text.slice(at + 1, end);
        if (keys.has(key)) return key;
        keys.add(key);
      }
      at = end;
    } else if (code === 0x7b) open.push((keys = new Set()));
    else if (code === 0x5b) open.push((keys = null));
    else if (code === 0x7d || code === 0x5d) {
      open.pop();
      keys = open.at(-1) ?? null;
    }
  }
  return null;
}

/** Text decoded from UTF-8 has none but by escapes, and few rows have an escape of that kind. */
function hasLoneSurrogate(text: string): boolean {
  if (!/\\u[dD][89a-fA-F]/.test(text)) return false;
  const pairs = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}/g;
  // An escaped backslash before "ud83d" is no escape of a surrogate.
  return /\\u[dD][89a-fA-F]/.test(text.replaceAll('\\\\', '').replace(pairs, ''));
}

/** The text with NaN and infinities, as Python and pandas write them, as null; null where it holds none outside strings. */
export function withoutNaN(text: string): string | null {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = stringEnd(text, at);
    else if (code === 0x4e || code === 0x49 || code === 0x2d) {
      const word = /^(?:NaN|-?Infinity)(?![\w])/.exec(text.slice(at, at + 10))?.[0];
      if (word === undefined) continue;
      parts.push(text.slice(from, at), 'null');
      from = at + word.length;
      at = from - 1;
    }
  }
  return from === 0 ? null : parts.join('') + text.slice(from);
}

/** Why text is no JSON, in words; `fallback` is what the parser said. */
export function jsonFault(text: string, fallback: string): string {
  const start = text.trimStart();
  if (/^\{\s*'/.test(start)) return 'not valid JSON: it has single quotes, as Python prints a dict; write it with json.dumps';
  if (/[:,[]\s*(?:True|False|None)\b/.test(text))
    return 'not valid JSON: it holds True, False or None, as Python prints them; write it with json.dumps';
  if (fallback.startsWith('Bad control character'))
    return 'not valid JSON: a line break, a tab or another control character stands in a text as it is; it must be written as \\n or \\t';
  if (/,\s*[}\]]/.test(text)) return 'not valid JSON: there is a comma before a closing bracket';
  if (/^(?:\/\/|#|\/\*)/.test(start)) return 'not valid JSON: it begins with a comment';
  if (start.startsWith('{') && !/\}\s*$/.test(text)) return `not valid JSON: the object does not end on this line (${fallback})`;
  if (/\}\s*\{/.test(text) && start.startsWith('{')) return 'not valid JSON: two objects stand on one line';
  return `not valid JSON: ${fallback}`;
}
