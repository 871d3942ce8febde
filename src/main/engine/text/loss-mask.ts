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
export function spanMask(
  tokenized: TokenizedText,
  spans: readonly (readonly [number, number])[],
): { readonly mask: Uint8Array; readonly complete: boolean } {
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

/** Targets of one row after the shift. */
export function countTargets(labels: Int32Array): number {
  let count = 0;
  for (let i = 1; i < labels.length; i++) if (labels[i] !== IGNORE) count++;
  return count;
}

function tokenAt(offsets: Int32Array, unit: number): number | undefined {
  for (let t = 0; t < offsets.length / 2; t++) {
    if ((offsets[2 * t] as number) <= unit && unit < (offsets[2 * t + 1] as number)) return t;
  }
  return undefined;
}

/**
 * Mask of spans that were found in the text: every token that holds a character of one, those at the borders included. A
 * tokenizer that trims offsets gives a lone space no characters; its token stands behind the space.
 */
export function textMask(
  tokenized: TokenizedText,
  spans: readonly (readonly [number, number])[],
): { readonly mask: Uint8Array; readonly complete: true } {
  const { ids, offsets } = tokenized;
  const mask = new Uint8Array(ids.length);
  let s = 0;
  for (let t = 0; t < ids.length; t++) {
    const [start, end] = [offsets[2 * t] as number, offsets[2 * t + 1] as number];
    const isOver = ([, spanEnd]: readonly [number, number]): boolean => spanEnd < start || (start < end && spanEnd === start);
    while (s < spans.length && isOver(spans[s] as readonly [number, number])) s++;
    const span = spans[s];
    if (span !== undefined && end > span[0]) mask[t] = 1;
  }
  return { mask, complete: true };
}
