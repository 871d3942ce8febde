/** @file What a question of the small world is, and the English small change that its builders share. */

/** A thing one may ask: every phrasing in `asks` may get every answer in `answers`. */
export interface Question {
  /** Unique, e.g. `animal fox home`: what style rows and held-out choices are keyed by. */
  readonly key: string;
  readonly asks: readonly string[];
  /** Plain sentences, each complete and true. */
  readonly answers: readonly string[];
}

/** "a fox", "an owl"; words of a known plural or mass go without. */
export function withArticle(noun: string): string {
  if (/^(boots|gloves|soap)$/.test(noun)) return noun;
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** FNV-1a, 32 bits: a stable choice by name. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** One phrasing in 16 never reaches the corpus: the base model is examined on these. */
export function isHeldOut(ask: string): boolean {
  return hashOf(ask) % 16 === 0;
}
