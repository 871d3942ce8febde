/** Python's `str` methods as chat templates use them, on code points where the difference shows. */
import { countText, indexOfText, lastIndexOfText, replaceEach, splitText } from './find-text.ts';
import { Undefined, characters, length, toText, typeName, type Arguments, type Value } from './python-values.ts';
import { checkLength, grow, makeEach, spend, TemplateError } from './work-meter.ts';

// str.isspace(): unlike JavaScript's trim it takes U+001C..U+001F and U+0085, and leaves U+FEFF alone.
// oxlint-disable-next-line no-control-regex -- Python counts these control characters as space
const SPACE = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** `strip`, `lstrip`, `rstrip`: of white space, or of any of the code points of `chars`. */
export function strip(text: string, side: 'both' | 'left' | 'right', chars?: string): string {
  const set = chars === undefined ? undefined : new Set(chars);
  const drops = (c: string): boolean => (set === undefined ? SPACE.test(c) : set.has(c));
  let start = 0;
  let end = text.length;
  if (side !== 'right') {
    while (start < end) {
      const c = String.fromCodePoint(text.codePointAt(start)!);
      if (!drops(c)) break;
      start += c.length;
    }
  }
  if (side !== 'left') {
    while (end > start) {
      const low = text.charCodeAt(end - 1);
      const wide = low >= 0xdc00 && low < 0xe000 && end - start > 1;
      const c = text.slice(end - (wide ? 2 : 1), end);
      if (!drops(c)) break;
      end -= c.length;
    }
  }
  return text.slice(start, end);
}

/** `strip` within a rendering: what it takes off is charged, character by character as it is looked at. */
export function chargedStrip(text: string, side: 'both' | 'left' | 'right', chars?: string): string {
  if (chars !== undefined) makeEach(chars.length);
  const kept = strip(text, side, chars);
  spend((text.length - kept.length) / 4);
  return kept;
}

export function capitalize(text: string): string {
  const first = Array.from(text.slice(0, 2))[0] ?? '';
  return first.toUpperCase() + text.slice(first.length).toLowerCase();
}

/** `str.title()`: every run of letters capitalised. */
export function titleCase(text: string): string {
  return replaceEach(text, /\p{L}+/gu, capitalize);
}

export function replaceText(text: string, from: string, to: string, count: number): string {
  const pieces = from === '' ? ['', ...characters(text), ''] : splitText(text, from);
  const cuts = count < 0 ? pieces.length - 1 : Math.min(count, pieces.length - 1);
  makeEach(pieces.length);
  grow(text.length + cuts * to.length);
  return (
    pieces.slice(0, cuts + 1).join(to) +
    pieces
      .slice(cuts + 1)
      .map((piece) => from + piece)
      .join('')
  );
}

function splitOnSpace(text: string, limit: number): string[] {
  const words: string[] = [];
  spend(text.length / 4); // looked at one by one
  let rest = strip(text, 'left');
  const most = limit < 0 ? Infinity : limit;
  while (rest !== '' && words.length < most) {
    let end = 0;
    while (end < rest.length && !SPACE.test(rest.charAt(end))) end++;
    spend(1);
    words.push(rest.slice(0, end));
    rest = strip(rest.slice(end), 'left');
  }
  if (rest !== '') words.push(strip(rest, 'right'));
  return words;
}

function split(text: string, separator: string | undefined, limit: number, fromRight: boolean): string[] {
  if (separator === undefined) return fromRight && limit >= 0 ? unsupportedSplit() : splitOnSpace(text, limit);
  if (separator === '') throw new TemplateError('empty separator');
  const parts = splitText(text, separator);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  if (fromRight) return [parts.slice(0, -limit || undefined).join(separator), ...(limit === 0 ? [] : parts.slice(-limit))];
  return [...parts.slice(0, limit), parts.slice(limit).join(separator)];
}

function unsupportedSplit(): never {
  throw new TemplateError('rsplit() with a limit needs a separator here');
}

const optionalText = (value: Value | undefined): string | undefined => (value === null || value === undefined ? undefined : requireText(value));

export function requireText(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  if (value instanceof Undefined) throw new TemplateError(value.hint);
  throw new TemplateError(`a string is needed here, got ${value === undefined ? 'nothing' : typeName(value)}`);
}

export function optionalInteger(value: Value | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  throw new TemplateError(`an integer is needed here, got ${typeName(value)}`);
}

type Method = (text: string, args: Arguments) => Value;

const anyOf = (test: (pattern: string) => boolean, pattern: Value | undefined): boolean =>
  Array.isArray(pattern) ? pattern.some((item) => testOne(test, item)) : test(requireText(pattern));

function testOne(test: (pattern: string) => boolean, item: Value): boolean {
  const pattern = requireText(item);
  grow(pattern.length);
  return test(pattern);
}

const indexIn = (text: string, unit: number): number => (unit < 0 ? -1 : length(text.slice(0, unit)));

export const STRING_METHODS: Readonly<Record<string, Method>> = {
  strip: (text, { positional }) => chargedStrip(text, 'both', optionalText(positional[0])),
  lstrip: (text, { positional }) => chargedStrip(text, 'left', optionalText(positional[0])),
  rstrip: (text, { positional }) => chargedStrip(text, 'right', optionalText(positional[0])),
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  title: titleCase,
  capitalize,
  startswith: (text, { positional }) => anyOf((pattern) => text.startsWith(pattern), positional[0]),
  endswith: (text, { positional }) => anyOf((pattern) => text.endsWith(pattern), positional[0]),
  split: (text, { positional, keyword }) => {
    const limit = optionalInteger(positional[1] ?? keyword.get('maxsplit'), -1);
    return split(text, optionalText(positional[0] ?? keyword.get('sep')), limit, false);
  },
  rsplit: (text, { positional, keyword }) => {
    const limit = optionalInteger(positional[1] ?? keyword.get('maxsplit'), -1);
    return split(text, optionalText(positional[0] ?? keyword.get('sep')), limit, true);
  },
  splitlines: (text) => {
    // oxlint-disable-next-line no-control-regex -- Python ends lines at these
    const lines = text.split(/\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/);
    makeEach(lines.length);
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  },
  replace: (text, { positional, keyword }) =>
    replaceText(text, requireText(positional[0]), requireText(positional[1]), optionalInteger(positional[2] ?? keyword.get('count'), -1)),
  find: (text, { positional }) => indexIn(text, indexOfText(text, requireText(positional[0]))),
  rfind: (text, { positional }) => indexIn(text, lastIndexOfText(text, requireText(positional[0]))),
  count: (text, { positional }) => {
    const part = requireText(positional[0]);
    return part === '' ? length(text) + 1 : countText(text, part);
  },
  removeprefix: (text, { positional }) => {
    const prefix = requireText(positional[0]);
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
  removesuffix: (text, { positional }) => {
    const suffix = requireText(positional[0]);
    return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
  join: (text, { positional }) => {
    const items = positional[0];
    if (!Array.isArray(items)) throw new TemplateError('join() needs a list');
    for (const item of items) requireText(item);
    return concatenate(items, text);
  },
  partition: (text, { positional }) => {
    const separator = requireText(positional[0]);
    const at = indexOfText(text, separator);
    return at < 0 ? [text, '', ''] : [text.slice(0, at), separator, text.slice(at + separator.length)];
  },
  rpartition: (text, { positional }) => {
    const separator = requireText(positional[0]);
    const at = lastIndexOfText(text, separator);
    return at < 0 ? ['', '', text] : [text.slice(0, at), separator, text.slice(at + separator.length)];
  },
  isdigit: (text) => /^\p{Nd}+$/u.test(text),
  isalpha: (text) => /^\p{L}+$/u.test(text),
  isalnum: (text) => /^[\p{L}\p{N}]+$/u.test(text),
  isspace: (text) => text !== '' && chargedStrip(text, 'both') === '',
  isupper: (text) => text !== text.toLowerCase() && text === text.toUpperCase(),
  islower: (text) => text !== text.toUpperCase() && text === text.toLowerCase(),
};

/** Joins printed values as `~` and the `join` filter do. */
export function concatenate(values: readonly Value[], separator: string): string {
  let size = 0;
  const texts = values.map((value) => {
    const text = toText(value);
    size += text.length + separator.length;
    checkLength(size);
    return text;
  });
  grow(size);
  return texts.join(separator);
}
