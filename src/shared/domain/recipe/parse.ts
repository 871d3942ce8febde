/** @file Reads a recipe: brings old versions up to date, maps foreign names, fills defaults, refuses conflicts, and says what it did. */
import { PAIR_FORMATS } from '../dataset.ts';
import { AppError } from '../../lib/app-error.ts';
import { issueText } from '../../lib/issue-text.ts';
import { nearestName } from '../../lib/nearest-name.ts';
import { RECIPE_VERSION } from './field.ts';
import { type Recipe, recipeSchema } from './recipe.ts';
import { ALIAS_NAMES, applyAliases } from './aliases.ts';
import { applies, conditionText, defaultOf, describeFields } from './described-fields.ts';
import { readNumbersOf } from './numbers.ts';

/** A recipe nests three. */
const MOST_LEVELS = 32;

type Raw = Readonly<Record<string, unknown>>;

/** One step from version N to N + 1; never changed once released. */
export interface RecipeUpgrader {
  readonly name: string;
  readonly upgrade: (recipe: Raw) => Raw;
}

/** From version N (the key). Append only. */
const RECIPE_UPGRADERS: Readonly<Record<number, RecipeUpgrader>> = {};

export interface ParsedRecipe {
  readonly recipe: Recipe;
  /** What was read in another sense than written, in sentences. */
  readonly notices: readonly string[];
  /** A pasted TRL configuration that leaves the loss unsaid: where the rows are conversations, TRL learns all of them. */
  readonly asTrl: boolean;
}

type Places = 'from the recipe' | 'chosen elsewhere';

/**
 * Reads a recipe: brings old versions up to date, maps foreign names, fills defaults and refuses conflicts, before
 * anything is loaded. All problems are reported together.
 * @param where name of the file, for messages
 * @param places whether model and dataset are read, or only the settings beside them
 * @throws AppError RECIPE; `data.problems` lists each problem as a sentence
 */
export function parseRecipe(input: unknown, where = 'recipe', places: Places = 'from the recipe'): ParsedRecipe {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw recipeError(where, ['the recipe must be an object with named values']);
  }
  if (isDeep(input)) throw recipeError(where, [`the recipe must not nest values more than ${MOST_LEVELS} deep`]);
  const upgraded = upgradeRecipe(input as Raw, where);
  const aliased = applyAliases(upgraded.recipe);
  if (places === 'chosen elsewhere') forgetPlaces(aliased.recipe);
  const filled = fillOtherDefaults(aliased.recipe);
  const numbers = readNumbersOf(aliased.recipe);
  const result = recipeSchema.safeParse(aliased.recipe, { reportInput: true });
  const fieldProblems = result.success ? conflictsOf(result.data) : result.error.issues.flatMap((issue) => issueSentences(issue, numbers.problems));
  const problems = [...aliased.problems, ...fieldProblems];
  if (!result.success || problems.length > 0) throw recipeError(where, problems);
  const notices = [...upgraded.notices, ...aliased.notices, ...numbers.notices, ...filled, ...noticesOf(result.data)];
  return withTrlLoss({ recipe: result.data, notices, asTrl: aliased.isTrl && result.data.loss === 'auto' }, result.data.dataset.format);
}

/** Level by level, so that no depth is too much for the check itself. */
function isDeep(input: object): boolean {
  let level: readonly unknown[] = [input];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_LEVELS) return true;
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : []));
  }
  return false;
}

/** A field that is not given and whose default follows another one gets that default, and a sentence tells so. */
export function fillOtherDefaults(recipe: Record<string, unknown>): readonly string[] {
  return describeFields().flatMap((field) => {
    if (field.otherDefault === null || Object.hasOwn(recipe, field.path)) return [];
    const value = defaultOf(field, (path) => recipe[path]);
    if (value === field.default) return [];
    recipe[field.path] = value;
    return [`${field.path} is ${String(value)}, the usual value where ${conditionText(field.otherDefault.when)}.`];
  });
}

const CONVERSATIONS: ReadonlySet<string> = new Set(['messages', 'conversations']);

/** @param format of the rows, once it is known; `auto` decides nothing */
export function withTrlLoss(parsed: ParsedRecipe, format: string): ParsedRecipe {
  if (!parsed.asTrl || !CONVERSATIONS.has(format)) return parsed;
  const notice =
    'The configuration is one of TRL, which learns conversations as a whole: loss is read as "all". Set loss to "assistant" to learn the answers alone.';
  return { recipe: { ...parsed.recipe, loss: 'all' }, notices: [...parsed.notices, notice], asTrl: false };
}

/** Model and dataset of somebody's folder say nothing where both are chosen from what is here. */
function forgetPlaces(recipe: Record<string, unknown>): void {
  const { dataset } = recipe;
  const rest = typeof dataset === 'object' && dataset !== null && !Array.isArray(dataset) ? dataset : {};
  Object.assign(recipe, { model: CHOSEN, dataset: { ...rest, file: CHOSEN } });
}

const CHOSEN = 'chosen elsewhere';

/** Applies upgraders until the recipe has the current version; a recipe without a version is current. */
export function upgradeRecipe(
  input: Raw,
  where = 'recipe',
  upgraders = RECIPE_UPGRADERS,
  current = RECIPE_VERSION,
): { readonly recipe: Raw; readonly notices: readonly string[] } {
  const notices: string[] = [];
  let recipe = input;
  let version = recipe['version'] ?? current;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw recipeError(where, [`version must be a whole number from 1 to ${current}, but is ${JSON.stringify(version)}`]);
  }
  if (version > current) throw recipeError(where, [`version ${version} was written by a newer Tunesmith, this one reads up to ${current}`]);
  for (let at = version; at < current; at++) {
    const upgrader = upgraders[at];
    if (upgrader === undefined) throw recipeError(where, [`version ${version} cannot be read any more`]);
    recipe = { ...upgrader.upgrade(recipe), version: at + 1 };
    notices.push(`The recipe was brought from version ${at} to ${at + 1} (${upgrader.name}).`);
    version = at + 1;
  }
  return { recipe, notices };
}

/** Contradictions between fields that are each fine; what only the data or the model can tell is checked there. */
function conflictsOf(recipe: Recipe): readonly string[] {
  const problems: string[] = [];
  const { max_steps: maxSteps, warmup_steps: warmup, loss, dataset } = recipe;
  if (maxSteps === 0) problems.push('max_steps must be -1 (the epochs decide) or at least 1, but is 0');
  if (maxSteps === -1 && recipe.num_train_epochs === 0) {
    problems.push('num_train_epochs 0 and max_steps -1: neither says how long to train');
  }
  if (maxSteps > 0 && warmup > maxSteps) {
    problems.push(`warmup_steps ${warmup} is more than max_steps ${maxSteps}: the learning rate would never reach its full value`);
  }
  if (recipe.lr_scheduler_type === 'constant' && warmup > 0) {
    problems.push('lr_scheduler_type "constant" ignores warmup_steps: use "constant_with_warmup", or set warmup_steps to 0');
  }
  if (recipe.optim === 'sgd' && recipe.nesterov && recipe.momentum === 0) problems.push('nesterov needs a momentum above 0, as in torch.optim.SGD');
  if (loss === 'completion' && (COMPLETIONLESS.has(dataset.format) || (dataset.format === 'question-answer' && dataset.pairs === 'headings'))) {
    problems.push(`loss "completion" needs prompts and completions, which format "${dataset.format}" does not have`);
  }
  if (loss === 'assistant' && !MAY_BE_CHAT.has(dataset.format)) {
    problems.push(`loss "assistant" needs conversations, which format "${dataset.format}" does not have`);
  }
  if (loss === 'assistant' && PAIR_FORMATS.some((format) => format === dataset.format) && dataset.pairs !== 'chat') {
    problems.push('loss "assistant" needs conversations: set dataset.pairs to "chat" or loss to "completion"');
  }
  if (recipe.eval_strategy === 'no') {
    if (recipe.load_best_model_at_end) problems.push('load_best_model_at_end needs evaluations: set eval_strategy to "steps" or "epoch"');
    if (recipe.early_stopping_patience !== null) problems.push('early_stopping_patience needs evaluations: set eval_strategy to "steps" or "epoch"');
  }
  return problems;
}

const COMPLETIONLESS: ReadonlySet<string> = new Set(['text', 'messages', 'conversations']);
const MAY_BE_CHAT: ReadonlySet<string> = new Set(['auto', 'canonical', 'messages', 'conversations', 'prompt-completion', ...PAIR_FORMATS]);

/** What was set and means nothing beside the other fields: a person may think that it does. */
function noticesOf(recipe: Recipe): readonly string[] {
  const notices =
    recipe.adapter === null || recipe.finetuning_type === 'full'
      ? []
      : ['Training goes on from an adapter: rank, alpha, scaling and layers come from it; of lora only lora_dropout is used.'];
  const valueAt = (path: string) => path.split('.').reduce<unknown>((at, key) => (at as Raw)[key], recipe);
  const idle = describeFields().flatMap((field) => {
    const { path, appliesWhen } = field;
    const isIdle = appliesWhen !== null && !applies(field, valueAt) && JSON.stringify(valueAt(path)) !== JSON.stringify(field.default);
    return isIdle ? [`${path} is not used: it applies where ${conditionText(appliesWhen)}.`] : [];
  });
  return [...notices, ...idle];
}

type Issue = Parameters<typeof issueText>[0];

function issueSentences(issue: Issue, numbers: ReadonlyMap<string, string>): readonly string[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key));
  const label = describeFields().find((field) => field.path === path)?.label;
  const why = numbers.get(path);
  return [
    `${path}${label === undefined ? '' : ` (${label})`} ${issueText(issue)}${why === undefined ? '' : `: ${why.charAt(0).toLowerCase()}${why.slice(1).replace(/\.$/, '')}`}`,
  ];
}

function unknownKey(owner: string, key: string): string {
  const prefix = owner === '' ? '' : `${owner}.`;
  const siblings = describeFields().flatMap(({ path }) => (path.startsWith(prefix) ? [path.slice(prefix.length).split('.')[0]!] : []));
  const candidates = owner === '' ? [...siblings, ...ALIAS_NAMES] : siblings;
  const nearest = nearestName(key, candidates);
  const hint = nearest === null ? '' : `; did you mean ${prefix}${nearest}?`;
  return `${prefix}${key.slice(0, 100)} is not a field of the recipe${hint}`;
}

function recipeError(where: string, problems: readonly string[]): AppError {
  const list = problems.length === 1 ? ` ${problems[0]}.` : problems.map((problem) => `\n  - ${problem}.`).join('');
  return new AppError({
    code: 'RECIPE',
    message: `${where}:${list}`.replaceAll('?.', '?'),
    data: { where, problems },
    remedy: 'Correct the recipe and start again.',
  });
}
