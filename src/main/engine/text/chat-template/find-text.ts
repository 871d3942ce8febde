/**
 * @file Where one text stands in another, in time linear in both. The engine's own search is fast for short needles, but compares a
 * long one over and over (it looks back at 250 characters of it, and not at all from the right), and a template may bring both texts.
 */
import { spend } from './work-meter.ts';

const NATIVE_FORWARD = 250;
const NATIVE_BACKWARD = 8;

/** As `String.indexOf`. */
export function indexOfText(text: string, needle: string, from = 0): number {
  if (needle.length > text.length - from) return needle.length === 0 ? Math.min(from, text.length) : -1;
  spend(1 + needle.length / 64);
  if (needle.length <= NATIVE_FORWARD) return text.indexOf(needle, from);
  spend((text.length - from + needle.length) / 8);
  return search(
    needle.length,
    text.length - from,
    (i) => needle.charCodeAt(i),
    (i) => text.charCodeAt(from + i),
    from,
  );
}

/** As `String.lastIndexOf`. */
export function lastIndexOfText(text: string, needle: string): number {
  if (needle.length > text.length) return -1;
  if (needle.length <= NATIVE_BACKWARD) return text.lastIndexOf(needle);
  spend((text.length + needle.length) / 8);
  const found = search(
    needle.length,
    text.length,
    (i) => needle.charCodeAt(needle.length - 1 - i),
    (i) => text.charCodeAt(text.length - 1 - i),
    0,
  );
  return found < 0 ? -1 : text.length - found - needle.length;
}

/** As `String.split` with a separator that is not empty. */
export function splitText(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = indexOfText(text, separator); at >= 0; at = indexOfText(text, separator, start)) {
    spend(1);
    parts.push(text.slice(start, at));
    start = at + separator.length;
  }
  parts.push(text.slice(start));
  return parts;
}

/** How often a needle that is not empty stands in the text without overlap. */
export function countText(text: string, needle: string): number {
  let count = 0;
  for (let at = indexOfText(text, needle); at >= 0; at = indexOfText(text, needle, at + needle.length)) count++;
  return count;
}

/** As `String.replace` with a global pattern, charged match by match; that would look for all of them before it asks for the first. */
export function replaceEach(text: string, pattern: RegExp, replacement: (match: string) => string): string {
  let made = '';
  let start = 0;
  const each = new RegExp(pattern);
  for (let match = each.exec(text); match !== null; match = each.exec(text)) {
    spend(2);
    made += text.slice(start, match.index) + replacement(match[0]);
    start = each.lastIndex;
  }
  return start === 0 ? text : made + text.slice(start);
}

/** Knuth, Morris and Pratt's. */
function search(size: number, length: number, needle: (i: number) => number, text: (i: number) => number, offset: number): number {
  const border = new Int32Array(size);
  for (let i = 1, k = 0; i < size; i++) {
    while (k > 0 && needle(i) !== needle(k)) k = border[k - 1]!;
    if (needle(i) === needle(k)) k++;
    border[i] = k;
  }
  for (let i = 0, k = 0; i < length; i++) {
    while (k > 0 && text(i) !== needle(k)) k = border[k - 1]!;
    if (text(i) === needle(k)) k++;
    if (k === size) return offset + i + 1 - size;
  }
  return -1;
}
