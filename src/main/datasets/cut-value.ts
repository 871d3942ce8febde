/** @file Values of untrusted files made small enough to be shown: long texts end in "…", long lists and objects lose their rest, whatever is deep is left out. */

import { weightOf } from '../../shared/lib/weight.ts';

/** What is left of a list or an object that is cut goes on behind it: seen, and no JSON of the file's. */
const MORE = '…';
const DEEPEST = 100;

/** The value, or a copy of about `most` characters of it. */
export function cutValue<T>(value: T, most: number): T {
  return weightOf(value, most) <= most && !isDeep(value) ? value : (cut(value, { left: most }, 0) as T);
}

export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a character is none.
  const end = /[\uD800-\uDBFF]/.test(text[most - 1] ?? '') ? most - 1 : most;
  return text.slice(0, Math.max(0, end)) + MORE;
}

function cut(value: unknown, budget: { left: number }, depth: number): unknown {
  budget.left -= 4;
  if (typeof value === 'string') {
    const text = cutText(value, Math.max(16, budget.left));
    budget.left -= text.length;
    return text;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return MORE;
  return Array.isArray(value) ? cutList(value, budget, depth) : cutObject(value as Readonly<Record<string, unknown>>, budget, depth);
}

function cutList(list: readonly unknown[], budget: { left: number }, depth: number): readonly unknown[] {
  const kept: unknown[] = [];
  for (const item of list) {
    if (budget.left <= 0) break;
    kept.push(cut(item, budget, depth + 1));
  }
  return kept;
}

function cutObject(object: Readonly<Record<string, unknown>>, budget: { left: number }, depth: number): unknown {
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(object)) {
    // The named parts of a row, of which there are few, stay; only what a file adds is left out.
    if (budget.left <= 0 && kept.length >= 16) break;
    budget.left -= key.length;
    kept.push([cutText(key, 200), cut(value, budget, depth + 1)]);
  }
  return Object.fromEntries(kept);
}

function isDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return true;
    level = level.flatMap((each) =>
      typeof each === 'object' && each !== null ? Object.values(each).filter((inner) => typeof inner === 'object' && inner !== null) : [],
    );
  }
  return false;
}
