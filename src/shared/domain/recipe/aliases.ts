/**
 * Names that recipes for TRL, PEFT, transformers and their relatives use for what we have or have not (spec 5.7). A
 * mapped or dropped name gives a notice; nothing is ignored in silence.
 */

import { ALIASES, type Alias, LORA_ALIASES } from './alias-table.ts';
import { FOREIGN_FORMS, looksLikeTrl } from './foreign-forms.ts';

type Raw = Record<string, unknown>;

/** Every alias, for look-ups of what a mistyped key may have meant. */
export const ALIAS_NAMES: readonly string[] = Object.keys(ALIASES);

export interface AliasResult {
  readonly recipe: Raw;
  readonly notices: readonly string[];
  readonly problems: readonly string[];
  /** It comes from TRL: what it says of the loss, and what it leaves unsaid, means what it means there. */
  readonly isTrl: boolean;
}

/** Replaces foreign names by ours. The input is left alone. */
export function applyAliases(input: Readonly<Raw>): AliasResult {
  const recipe = structuredClone(input) as Raw;
  const notices: string[] = [];
  const problems: string[] = [];
  if (typeof recipe['dataset'] === 'string') {
    recipe['dataset'] = { file: recipe['dataset'] };
    notices.push('dataset is read as dataset.file.');
  }
  const pairs = renamePairs(recipe['dataset']);
  if (pairs !== null) (pairs.isProblem ? problems : notices).push(pairs.text);
  const isTrl = looksLikeTrl(recipe);
  for (const outcome of [
    ...FOREIGN_FORMS.flatMap((form) => form(recipe)),
    ...applyTable(recipe, recipe, ALIASES, ''),
    ...applyTable(recipe, recipe['lora'], LORA_ALIASES, 'lora.'),
  ]) {
    (outcome.isProblem ? problems : notices).push(outcome.text);
  }
  return { recipe, notices, problems, isTrl };
}

/** `dataset.alpaca` of 0.1.0: its `template` wrote instruction rows and question/answer rows under headings. */
function renamePairs(dataset: unknown): Outcome | null {
  if (typeof dataset !== 'object' || dataset === null || !Object.hasOwn(dataset, 'alpaca')) return null;
  const owner = dataset as Raw;
  const value = owner['alpaca'];
  delete owner['alpaca'];
  if (value !== 'template' && value !== 'chat')
    return { isProblem: true, text: `dataset.alpaca must be "template" or "chat", but is ${JSON.stringify(value)}` };
  return assign(owner, 'dataset.alpaca', 'pairs', value === 'chat' ? 'chat' : 'headings', 'dataset.');
}

export interface Outcome {
  readonly isProblem: boolean;
  readonly text: string;
}

function applyTable(recipe: Raw, owner: unknown, table: Readonly<Record<string, Alias>>, prefix: string): readonly Outcome[] {
  if (!isTable(owner)) return [];
  const outcomes: Outcome[] = [];
  for (const [name, value] of Object.entries(owner)) {
    const alias = Object.hasOwn(table, name) ? table[name] : undefined;
    if (alias === undefined) continue;
    delete owner[name];
    outcomes.push(applyAlias(recipe, prefix + name, value, alias));
  }
  return outcomes;
}

function applyAlias(recipe: Raw, name: string, value: unknown, alias: Alias): Outcome {
  switch (alias.kind) {
    case 'renamed':
      return assign(recipe, name, alias.to, value);
    case 'converted': {
      const converted = alias.convert(value);
      if (converted === null) return { isProblem: false, text: `${name} changes nothing here and is left out.` };
      if ('problem' in converted) return { isProblem: true, text: `${name} ${converted.problem}` };
      return assign(recipe, name, alias.to, converted.value);
    }
    case 'dropped':
      return { isProblem: false, text: `${name} is left out: ${alias.why}.` };
    case 'fixed': {
      if (alias.allowed.includes(value) || isEmpty(value)) return { isProblem: false, text: `${name} changes nothing here and is left out.` };
      return { isProblem: true, text: `${name} ${shown(value)} ${alias.why.startsWith('is ') ? '' : ': '}${alias.why}`.replace(' : ', ': ') };
    }
  }
}

function assign(recipe: Raw, name: string, to: string, value: unknown, prefix = ''): Outcome {
  const keys = to.split('.');
  const last = keys.pop()!;
  let owner = recipe;
  for (const key of keys) {
    owner[key] ??= {};
    if (typeof owner[key] !== 'object' || Array.isArray(owner[key])) return { isProblem: true, text: `${key} must be an object with named values` };
    owner = owner[key] as Raw;
  }
  if (Object.hasOwn(owner, last)) return { isProblem: true, text: `${name} and ${prefix}${to} say the same thing: remove one of them` };
  owner[last] = value;
  return { isProblem: false, text: `${name} is read as ${prefix}${to} ${JSON.stringify(value)}.` };
}

function isTable(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An empty list or table says nothing. */
function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 60);
}
