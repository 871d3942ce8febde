/**
 * @file JSON that a JavaScript value does not give back as it stands, as one that does. Numbers whose digits or form would change
 * (over 16 digits, `1.0`, `1e5`, `-0`) become `{"\0": "1.0"}`, and keys that are whole numbers, which would move to the front of
 * their object, get the mark `\0` before them; so does a key that has the mark already. What comes of it is ordinary JSON: it is
 * stored, sent and edited as any other value, and only who prints it (a chat template, an export) takes the marks off.
 */
import { isNestedDeeper, MOST_DEPTH } from './json-depth.ts';

const MARK = '\u0000';
const MARKED_NUMBER = '{"\\u0000":"';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** What JavaScript puts before the other keys (array indices), and a few beyond. */
const INDEX = /^(?:0|[1-9]\d{0,9})$/;

/** The value of JSON text, with marks where they are needed. @throws SyntaxError as `JSON.parse`, naming places of the text as given */
export function parseExact(text: string): unknown {
  // A cell that holds JSON may be as hostile as a row; a row of ours is a few levels deeper than the file's.
  if (isNestedDeeper(text, MOST_DEPTH + 100)) throw new SyntaxError(`it is nested more than ${MOST_DEPTH} levels deep`);
  const value: unknown = JSON.parse(text);
  const marked = withMarks(text);
  return marked === null ? value : JSON.parse(marked);
}

/** JSON text of a value on one line, its marked numbers and keys as they once stood. */
export function exactText(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? 'null' : withoutMarks(text);
}

/** The text of a marked number; undefined for any other value. */
export function markedNumber(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, MARK)) return undefined;
  const text = (value as Readonly<Record<string, unknown>>)[MARK];
  return typeof text === 'string' && NUMBER.test(text) && Object.keys(value).length === 1 ? text : undefined;
}

/** A key as the JSON had it. A mark that no reading puts there (before any other key) is part of the key. */
export function plainKey(key: string): string {
  return key.startsWith(MARK) && needsMark(key.slice(1)) ? key.slice(1) : key;
}

/** An object's own keys without marks, and its marked numbers as JavaScript has them: for columns, which no template prints. */
export function withoutOwnMarks(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(object);
  if (!entries.some(([key, value]) => key.startsWith(MARK) || markedNumber(value) !== undefined)) return object;
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const number = markedNumber(value);
      return [plainKey(key), number === undefined ? value : Number(number)];
    }),
  );
}

function needsMark(key: string): boolean {
  return key.startsWith(MARK) || INDEX.test(key);
}

/** Whether JavaScript prints a number as it stands and knows a whole one from `1.0` and `1e21`. */
function isPlain(token: string): boolean {
  const value = Number(token);
  if (String(value) !== token) return false;
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}

/** The text (valid JSON) with marks; null where none are needed. */
function withMarks(text: string): string | null {
  const edits = new Edits(text);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = stringEnd(text, at) + 1;
      const first = text.charCodeAt(at + 1);
      if ((first === BACKSLASH || isDigit(first)) && isKey(text, end)) {
        const key = JSON.parse(text.slice(at, end)) as string;
        if (needsMark(key)) edits.put(at, end, JSON.stringify(MARK + key));
      }
      at = end - 1;
    } else if (isDigit(code) || code === MINUS) {
      const digits = digitsEnd(text, at + 1);
      const end = numberEnd(text, digits);
      // Nearly all numbers are whole and short, and need no second look.
      const isShort = end === digits && end - at < 16 && code !== MINUS;
      const token = isShort ? '' : text.slice(at, end);
      if (!isShort && !isPlain(token)) edits.put(at, end, MARKED_NUMBER + token + '"}');
      at = end - 1;
    }
  }
  return edits.result();
}

/** The inverse, of text that `JSON.stringify` wrote. By text, not by value: nothing here is deeper than that could write. */
function withoutMarks(text: string): string {
  if (!text.includes('"\\u0000')) return text;
  const edits = new Edits(text);
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at)) {
    const end = stringEnd(text, at) + 1;
    if (text.startsWith('\\u0000', at + 1) && text.charCodeAt(end) === COLON) {
      const number = text.startsWith(MARKED_NUMBER, at - 1) ? numberIn(text, end + 2) : null;
      if (number !== null) {
        edits.put(at - 1, end + number.length + 4, number);
        at = end + number.length + 4;
        continue;
      }
      const key = JSON.parse(text.slice(at, end)) as string;
      if (plainKey(key) !== key) edits.put(at, end, JSON.stringify(plainKey(key)));
    }
    at = end;
  }
  return edits.result() ?? text;
}

/** The number that fills the string beginning at `from`, where it is all that its object holds. */
function numberIn(text: string, from: number): string | null {
  const end = text.indexOf('"', from);
  const token = text.slice(from, end);
  return text[end + 1] === '}' && NUMBER.test(token) ? token : null;
}

/** Text with pieces of it replaced, from left to right. */
class Edits {
  readonly #text: string;
  readonly #parts: string[] = [];
  #from = 0;

  constructor(text: string) {
    this.#text = text;
  }

  put(start: number, end: number, replacement: string): void {
    this.#parts.push(this.#text.slice(this.#from, start), replacement);
    this.#from = end;
  }

  /** Null where nothing was replaced. */
  result(): string | null {
    return this.#from === 0 ? null : this.#parts.join('') + this.#text.slice(this.#from);
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Whether a colon comes next, as after a key. */
export function isKey(text: string, from: number): boolean {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === COLON;
}

/** Offset of the quote that closes the string opened at `open`; the last offset where it never closes. */
export function stringEnd(text: string, open: number): number {
  let at = text.indexOf('"', open + 1);
  for (; at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return text.length - 1;
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

/** Offset behind the number whose digits, signs, point and exponent go on at `from`. */
function numberEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (!(isDigit(code) || code === POINT || code === PLUS || code === MINUS || code === 0x45 || code === 0x65)) return at;
    at += 1;
  }
}
