/**
 * @file The form of a recipe as pure functions: which fields there are comes from the schema, what a person has changed is a draft by
 * dotted path. Nothing here names a field.
 */
import { applies, defaultOf, describeFields, type RecipeField } from '../../shared/domain/recipe/described-fields.ts';
import { heldOut, recipeSettingsSchema, type Recipe, type RecipeSettings } from '../../shared/domain/recipe/recipe.ts';
import { fillOtherDefaults } from '../../shared/domain/recipe/parse.ts';
import { readNumber } from '../../shared/lib/read-number.ts';
import type { Said } from '../../shared/lib/said.ts';
import { saidOfIssue, saidOfProblem } from '../../shared/domain/recipe/field-words.ts';
import { isNumeric, numberKindOf } from '../../shared/domain/recipe/numbers.ts';
import type { RecipeDraft } from './recipe-draft.ts';

/** Fields of the settings: model, dataset and version are chosen elsewhere. */
export const FORM_FIELDS: readonly RecipeField[] = describeFields().filter(({ path }) =>
  Object.hasOwn(recipeSettingsSchema.shape, path.split('.')[0]!),
);

export function valueOf(draft: RecipeDraft, field: RecipeField): unknown {
  return Object.hasOwn(draft, field.path) ? draft[field.path] : usualOf(draft, field);
}

/** What a field is where the draft says nothing of it. */
export function usualOf(draft: RecipeDraft, field: RecipeField): unknown {
  return field.otherDefault === null ? field.default : defaultOf(field, (path) => valueAt(draft, path));
}

function valueAt(draft: RecipeDraft, path: string): unknown {
  const other = FORM_FIELDS.find((each) => each.path === path);
  return other === undefined ? undefined : valueOf(draft, other);
}

export function isChanged(draft: RecipeDraft, field: RecipeField): boolean {
  return Object.hasOwn(draft, field.path) && JSON.stringify(draft[field.path]) !== JSON.stringify(usualOf(draft, field));
}

/** Whether a field means something beside what the form says. */
export function isUsed(draft: RecipeDraft, field: RecipeField): boolean {
  return applies(field, (path) => valueAt(draft, path));
}

/** The draft with a field changed; back at its default, it is no part of the draft. */
export function withValue(draft: RecipeDraft, field: RecipeField, value: unknown): RecipeDraft {
  const { [field.path]: _earlier, ...rest } = draft;
  return JSON.stringify(value) === JSON.stringify(usualOf(rest, field)) ? rest : { ...rest, [field.path]: value };
}

/** What is sent: the draft as nested objects, without defaults and without what means nothing beside the rest. */
export function nestedSettings(draft: RecipeDraft): Readonly<Record<string, unknown>> {
  const nested: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(draft)) {
    const field = FORM_FIELDS.find((each) => each.path === path);
    if (field !== undefined && !isUsed(draft, field)) continue;
    const keys = path.split('.');
    const last = keys.pop()!;
    let place = nested;
    for (const key of keys) place = (place[key] ??= {}) as Record<string, unknown>;
    place[last] = value;
  }
  return nested;
}

export type FormState =
  | { readonly kind: 'valid'; readonly settings: RecipeSettings }
  /** What is wrong, by path. */
  | { readonly kind: 'invalid'; readonly problems: ReadonlyMap<string, Said> };

export function formState(draft: RecipeDraft): FormState {
  const settings = { ...nestedSettings(draft) };
  fillOtherDefaults(settings);
  const result = recipeSettingsSchema.safeParse(settings, { reportInput: true });
  if (result.success) return { kind: 'valid', settings: result.data };
  return { kind: 'invalid', problems: new Map(result.error.issues.map((issue) => [issue.path.join('.'), problemOf(issue, draft)])) };
}

/** A text that was to be a number says itself why it is none. */
function problemOf(issue: Parameters<typeof saidOfIssue>[0], draft: RecipeDraft): Said {
  const field = FORM_FIELDS.find(({ path }) => path === issue.path.join('.'));
  const text = field === undefined ? undefined : draft[field.path];
  if (field === undefined || typeof text !== 'string' || !isNumeric(field)) return saidOfIssue(issue);
  const reading = readNumber(text, numberKindOf(field));
  return reading.kind === 'problem' ? saidOfProblem(reading.problem) : saidOfIssue(issue);
}

/** The draft that gives an earlier run's settings. */
export function draftOf(recipe: Recipe): RecipeDraft {
  return FORM_FIELDS.reduce<RecipeDraft>((draft, field) => {
    const value = field.path.split('.').reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>>)[key], recipe);
    return withValue(draft, field, value);
  }, {});
}

/** Fields of the form as it is looked at: the few that matter, or all, or those that answer a search. */
export function shownFields(
  all: boolean,
  search: string,
  textOf: (path: string) => { readonly label: string; readonly help: string },
  draft: RecipeDraft,
): readonly RecipeField[] {
  const words = search.trim().toLowerCase();
  return FORM_FIELDS.filter((field) => {
    const { label, help } = textOf(field.path);
    // What was changed stays in sight, or it would be forgotten.
    const level = all || !field.advanced || isChanged(draft, field);
    return level && isUsed(draft, field) && (words === '' || `${field.path} ${label} ${help}`.toLowerCase().includes(words));
  });
}

/** Optimiser steps of a run over so many rows, as transformers counts them (spec 5.4); null where the rows are not known, or what they are packed into. */
export function stepsOf(settings: RecipeSettings, rows: number | null): number | null {
  if (settings.max_steps > 0) return settings.max_steps;
  if (rows === null || settings.packing) return null;
  const batches = Math.ceil((rows - heldOut(settings, rows)) / settings.per_device_train_batch_size);
  return Math.ceil(settings.num_train_epochs * Math.max(1, Math.ceil(batches / settings.gradient_accumulation_steps)));
}
