/**
 * @file Settings of a run that is being prepared: what differs from the defaults, by dotted path of the recipe. Kept for the browser
 * tab, so that going to another screen and back loses nothing, and the inspector can hand over what was tried there.
 */
import { z } from 'zod';

export type RecipeDraft = Readonly<Record<string, unknown>>;

const KEY = 'tunesmith-recipe-draft';
const draftSchema = z.record(z.string(), z.unknown());

export function loadDraft(): RecipeDraft {
  try {
    return draftSchema.catch({}).parse(JSON.parse(sessionStorage.getItem(KEY) ?? '{}'));
  } catch {
    // Cut off or written by hand: a draft is worth no error.
    return {};
  }
}

export function saveDraft(draft: RecipeDraft): void {
  sessionStorage.setItem(KEY, JSON.stringify(draft));
}
