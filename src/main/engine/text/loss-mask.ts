/** Which tokens of a row count for the loss, as label arrays. The model shifts; labels here stand at their own token. */
import type { TokenizedText } from './tokenizer/tokenizer.ts';

/** Label of a token that is not trained. */
export const IGNORE = -100;

/** Labels of the tokens whose mask is 1. */
export function labelsFromMask(ids: Int32Array, mask: Uint8Array): Int32Array {
  return ids.map((id, i) => (mask[i] === 1 ? id : IGNORE));
}

/** 0 for the first `promptLength` tokens, 1 after (TRL masks by count even where the prompt's tokens differ). */
export function completionMask(length: number, promptLength: number): Uint8Array {
  return new Uint8Array(length).fill(1, Math.min(promptLength, length));
}

export function intersect(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((bit, i) => bit & (b[i] as number));
}

/** Length of the longest common prefix. */
export function commonPrefix(a: Int32Array, b: Int32Array): number {
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  return i;
}

/**
 * Mask of the `{% generation %}` spans (spec section 2.3), exactly as transformers marks them: from the token that
 * holds a span's first character to the *first* token that holds its last one, so trailing byte tokens of a split
 * character stay out; to the end of the row where no token, or token 0, holds the last character.
 * Where no token holds a span's first character (a tokenizer that trims offsets owns no leading space), this span and
 * those after it are lost, as upstream; `complete` is then false.
 * @param spans [start, end) in UTF-16 units of the tokenised text.
 */
export function spanMask(tokenized: TokenizedText, spans: readonly (readonly [number, number])[]): { readonly mask: Uint8Array; readonly complete: boolean } {
  const { ids, offsets } = tokenized;
  const mask = new Uint8Array(ids.length);
  for (const [start, end] of spans) {
    const first = tokenAt(offsets, start);
    if (first === undefined) return { mask, complete: false };
    const last = tokenAt(offsets, end - 1);
    mask.fill(1, first, last === undefined || last === 0 ? ids.length : last + 1);
  }
  return { mask, complete: true };
}

function tokenAt(offsets: Int32Array, unit: number): number | undefined {
  for (let t = 0; t < offsets.length / 2; t++) {
    if ((offsets[2 * t] as number) <= unit && unit < (offsets[2 * t + 1] as number)) return t;
  }
  return undefined;
}

export interface MarkerIds {
  /** Ids that open a user turn, tokenised alone: they close a trained span. */
  readonly instruction: Int32Array;
  /** Ids that open a response, tokenised alone. */
  readonly response: Int32Array;
}

/**
 * Mask by marker search (spec section 2.4): trained from after each response marker up to the next instruction
 * marker, or to the end. The end-of-turn token is trained, the headers are not.
 */
export function markerMask(ids: Int32Array, markers: MarkerIds): Uint8Array {
  const mask = new Uint8Array(ids.length);
  let j = 0;
  while (j < ids.length) {
    if (!startsAt(ids, markers.response, j)) {
      j++;
      continue;
    }
    const content = j + markers.response.length;
    let end = content;
    while (end < ids.length && !startsAt(ids, markers.instruction, end)) end++;
    mask.fill(1, content, end);
    j = end + markers.instruction.length;
  }
  return mask;
}

function startsAt(ids: Int32Array, pattern: Int32Array, at: number): boolean {
  if (pattern.length === 0 || at + pattern.length > ids.length) return false;
  for (let k = 0; k < pattern.length; k++) if (ids[at + k] !== pattern[k]) return false;
  return true;
}
