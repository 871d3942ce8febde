import { markedNumber } from '../../../shared/lib/exact-json.ts';
import type { Note } from '../finding-book.ts';

/**
 * What every reader yields. `source` is what a person counts in their own file: the 1-based line of a JSONL
 * file, the element of a JSON array, the record of a CSV (its header not counted).
 */
export type SourceRecord =
  | {
      readonly source: number;
      readonly value: JsonObject;
      /** The row's JSON as it stands in the file; absent where the file is no JSON. */
      readonly text?: string;
      /** What reading did to it. */
      readonly notes?: readonly Note[];
    }
  /** `text`: the row as it stands in the file, where it could be had; to be shown, mended and read again. */
  | { readonly source: number; readonly error: string; readonly text?: string };

/** A row as it stands in the user's file. Keys are untrusted: look them up with `Object.hasOwn`. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Longest row (UTF-8 bytes) a reader will hold; longer ones are skipped as bad rows, so memory stays bounded.
 * Sixteen MiB is millions of tokens, and a hostile row takes some sixty times its bytes once parsed.
 */
export const maxRowBytes = 16 * 1024 * 1024;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && markedNumber(value) === undefined;
}

/** What a JSON value is, for a sentence: "a number", "an array", "null". */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return isJsonObject(value) ? 'an object' : typeof value === 'object' ? 'a number' : `a ${typeof value}`;
}

/** Quotes untrusted text for a message, cut to 60 characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

export function tooLong(source: number, what: string, limit: number): SourceRecord {
  return { source, error: `this ${what} is longer than ${limit.toLocaleString('en')} bytes, the most one row may have` };
}
