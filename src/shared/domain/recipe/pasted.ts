import { AppError } from '../../lib/app-error.ts';
import { findDuplicateKey } from '../../lib/duplicate-key.ts';
import { parseRecipe, withTrlLoss } from './parse.ts';
import type { Recipe } from './recipe.ts';

export type PastedRecipe =
  | { readonly kind: 'read'; readonly recipe: Recipe; readonly notices: readonly string[] }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/** Characters; a configuration has a few thousand. */
const LONGEST = 1_000_000;

/**
 * A configuration pasted as JSON: a recipe of ours, of TRL, LLaMA-Factory, axolotl or PEFT. Model and dataset are not taken from it.
 * @param format of the dataset that is chosen; null where none is
 */
export function readPastedRecipe(text: string, format: string | null): PastedRecipe {
  if (text.length > LONGEST) return { kind: 'refused', problems: ['This is too long to be a configuration.'] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {
      kind: 'refused',
      problems: [/^\s*[\w-]+\s*:/.test(text) ? 'This looks like YAML. Only JSON can be pasted: convert it first.' : 'This is not valid JSON.'],
    };
  }
  const twice = findDuplicateKey(text);
  if (twice !== null) return { kind: 'refused', problems: [`“${twice.slice(0, 100)}” stands there twice. Remove one of them.`] };
  try {
    const parsed = withTrlLoss(parseRecipe(value, 'the configuration', 'chosen elsewhere'), format ?? 'auto');
    return { kind: 'read', recipe: parsed.recipe, notices: parsed.notices.filter((notice) => !/ is read as (?:model|dataset\.file)\b/.test(notice)) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return {
      kind: 'refused',
      problems: ((error.data?.['problems'] as readonly string[] | undefined) ?? [error.message]).map((each) =>
        `${each}.`.replace(/[.?]\.$/, (end) => end[0]!),
      ),
    };
  }
}
