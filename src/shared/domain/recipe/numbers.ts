/** @file Numbers of a recipe that are given as text, as pasted YAML, forms and `--set` do. */
import { type NumberKind, readNumber } from '../../lib/read-number.ts';
import { sayProblem } from './field-words.ts';
import { describeFields, type RecipeField } from './described-fields.ts';
import { unitWords } from '../units.ts';

type Raw = Record<string, unknown>;

/** Names by which people call a field beside its own. */
const NICKNAMES: Readonly<Record<string, readonly string[]>> = {
  learning_rate: ['lr'],
  'lora.r': ['rank'],
  num_train_epochs: ['epochs'],
  per_device_train_batch_size: ['batch_size'],
};

export function isNumeric(field: Pick<RecipeField, 'type'>): boolean {
  return field.type === 'integer' || field.type === 'number';
}

export function numberKindOf(field: Pick<RecipeField, 'path' | 'label' | 'type' | 'unit'>): NumberKind {
  const key = field.path.split('.').at(-1)!;
  const nicknames = NICKNAMES[field.path] ?? [];
  // Longest first: `r` is the beginning of many names.
  const names = [field.path, key, field.label, ...nicknames].toSorted((a, b) => b.length - a.length);
  return {
    integer: field.type === 'integer',
    share: field.unit === 'steps' && field.type === 'number',
    units: [...unitWords(field.unit), ...nicknames, key],
    names,
  };
}

export interface ReadNumbers {
  readonly notices: readonly string[];
  /** By path. */
  readonly problems: ReadonlyMap<string, string>;
}

/** Texts in numeric fields become the numbers they say; `recipe` is changed in place. What is no number stays, with its problem. */
export function readNumbersOf(recipe: Raw): ReadNumbers {
  const notices: string[] = [];
  const problems = new Map<string, string>();
  for (const field of describeFields().filter(isNumeric)) {
    const keys = field.path.split('.');
    const owner = keys.slice(0, -1).reduce<unknown>((at, key) => (isTable(at) && Object.hasOwn(at, key) ? at[key] : undefined), recipe);
    const key = keys.at(-1)!;
    if (!isTable(owner) || !Object.hasOwn(owner, key) || typeof owner[key] !== 'string') continue;
    const text = owner[key];
    const reading = readNumber(text, numberKindOf(field));
    if (reading.kind === 'problem') problems.set(field.path, sayProblem(reading.problem));
    if (reading.kind !== 'number') continue;
    owner[key] = reading.value;
    if (!reading.plain) notices.push(`${field.path} ${JSON.stringify(text)} is read as ${reading.value}.`);
  }
  return { notices, problems };
}

function isTable(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
