import { describeFields } from '../../../shared/domain/recipe/described-fields.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import type { RunSummary } from '../../../shared/domain/run-record.ts';
import { isActive, type RunStatus } from '../../../shared/domain/run.ts';

export type SortKey = 'name' | 'status' | 'progress' | 'lastLoss' | 'tokensPerSecond' | 'subject' | 'createdAt' | 'duration';

export interface RunsView {
  readonly search: string;
  readonly statuses: readonly RunStatus['kind'][];
  readonly sort: { readonly key: SortKey; readonly descending: boolean };
}

export const FIRST_VIEW: RunsView = { search: '', statuses: [], sort: { key: 'createdAt', descending: true } };

const VALUES: { readonly [K in SortKey]: (run: RunSummary) => string | number | null } = {
  name: ({ name }) => name.toLowerCase(),
  status: ({ status }) => status.kind,
  progress: shareDone,
  lastLoss: ({ lastLoss }) => lastLoss,
  tokensPerSecond: (run) => run.tokensPerSecond,
  subject: ({ model, dataset }) => `${dataset.name} ${model.name}`.toLowerCase(),
  createdAt: ({ createdAt }) => createdAt,
  duration: (run) => secondsTaken(run, Date.now()),
};

/** The rows of the table: those that are asked for, in the order asked for; what has no value comes last either way. */
export function shownRuns(runs: readonly RunSummary[], { search, statuses, sort }: RunsView): readonly RunSummary[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const matches = ({ name, model, dataset, status, notes }: RunSummary) => {
    const text = `${name} ${model.name} ${dataset.name} ${notes}`.toLowerCase();
    return words.every((word) => text.includes(word)) && (statuses.length === 0 || statuses.includes(status.kind));
  };
  const value = VALUES[sort.key];
  return runs.filter(matches).sort((x, y) => {
    const [a, b] = [value(x), value(y)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return (a < b ? -1 : a > b ? 1 : 0) * (sort.descending ? -1 : 1);
  });
}

export function shareDone({ step, totalSteps, status }: RunSummary): number {
  if (status.kind === 'completed') return 1;
  return totalSteps === 0 ? 0 : Math.min(1, step / totalSteps);
}

/** From the first start to the end, or to now. */
export function secondsTaken({ startedAt, endedAt, status }: RunSummary, now: number): number | null {
  if (startedAt === null) return null;
  const end = endedAt === null || isActive(status) ? now : Date.parse(endedAt);
  return Math.max(0, (end - Date.parse(startedAt)) / 1000);
}

/** What has become of the loss since the first step; null before there is a second. */
export function changeOf(first: number | null, last: number | null): { readonly kind: 'better' | 'worse'; readonly by: number } | null {
  if (first === null || last === null || first === last) return null;
  return { kind: last < first ? 'better' : 'worse', by: Math.abs(last - first) };
}

export function canStop({ status }: RunSummary): boolean {
  return isActive(status) || status.kind === 'queued';
}

export function canResume({ status }: RunSummary): boolean {
  return status.kind === 'stopped' || status.kind === 'failed' || status.kind === 'interrupted';
}

export interface Setting {
  readonly path: string;
  readonly value: string;
  readonly isDefault: boolean;
}

/** A recipe as a list, what differs from the defaults first. */
export function settingsOf(recipe: Recipe): readonly Setting[] {
  const all = describeFields()
    .filter(({ path }) => path !== 'version')
    .map(({ path, default: initial }): Setting => {
      const value = valueAt(recipe, path);
      return { path, value: typeof value === 'string' ? value : JSON.stringify(value), isDefault: JSON.stringify(value) === JSON.stringify(initial) };
    });
  return [...all.filter(({ isDefault }) => !isDefault), ...all.filter(({ isDefault }) => isDefault)];
}

function valueAt(recipe: Recipe, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>>)[key], recipe);
}

/** Of a metric, told at a step or at the last one before it that has it. */
export function valueOf(steps: readonly number[], values: readonly (number | null)[], step: number): number | null {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]! <= step) low = middle + 1;
    else high = middle;
  }
  return values.slice(0, low).findLast((value) => value !== null) ?? null;
}
