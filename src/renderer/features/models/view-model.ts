import type { ModelRecord } from '../../../shared/domain/model.ts';

export type ModelSort = 'name' | 'parameters' | 'size' | 'context';

export interface ModelsView {
  readonly search: string;
  readonly onlyUsable: boolean;
  readonly sort: { readonly key: ModelSort; readonly descending: boolean };
}

export const FIRST_VIEW: ModelsView = { search: '', onlyUsable: false, sort: { key: 'name', descending: false } };

const VALUES: { readonly [K in ModelSort]: (model: ModelRecord) => string | number } = {
  name: ({ name }) => name.toLowerCase(),
  parameters: ({ state }) => (state.kind === 'usable' ? state.facts.parameters : -1),
  size: ({ state }) => (state.kind === 'usable' ? state.facts.weightBytes : -1),
  context: ({ state }) => (state.kind === 'usable' ? state.facts.context : -1),
};

/** Those asked for, in the order asked for. */
export function shownModels(models: readonly ModelRecord[], { search, onlyUsable, sort }: ModelsView): readonly ModelRecord[] {
  const words = search.trim().toLowerCase();
  const value = VALUES[sort.key];
  return models
    .filter(({ name, path, state }) => `${name} ${path}`.toLowerCase().includes(words) && (!onlyUsable || state.kind === 'usable'))
    .sort((x, y) => (value(x) < value(y) ? -1 : value(x) > value(y) ? 1 : 0) * (sort.descending ? -1 : 1));
}

/** The dtype that most of the weights have, as `BF16`. */
export function mainDType(dtypes: Readonly<Record<string, number>>): string {
  return Object.entries(dtypes).sort(([, x], [, y]) => y - x)[0]?.[0] ?? '–';
}
