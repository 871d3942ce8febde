/**
 * @file The paths of the studio. State that a person would want to find again by "back" or a bookmark stands in the query:
 * which model, dataset, run, row.
 */
type Query = Readonly<Record<string, string | number | null | undefined>>;

function withQuery(path: string, query: Query): string {
  const entries = Object.entries(query).flatMap(([key, value]) => (value === null || value === undefined ? [] : [[key, String(value)]]));
  return entries.length === 0 ? path : `${path}?${new URLSearchParams(entries).toString()}`;
}

export const routes = {
  home: () => '/',
  /** Home with the tour open. */
  tour: () => '/?tour=1',
  models: () => '/models',
  datasets: () => '/datasets',
  dataset: (id: string) => `/datasets/${encodeURIComponent(id)}`,
  inspector: (query: { readonly model?: string | null; readonly dataset?: string | null; readonly row?: number | null } = {}) =>
    withQuery('/inspector', query),
  train: (query: { readonly model?: string | null; readonly dataset?: string | null; readonly from?: string | null } = {}) =>
    withQuery('/train', query),
  runs: () => '/runs',
  run: (id: string) => `/runs/${encodeURIComponent(id)}`,
  /** `runs`: ids of the runs to compare with the base, joined by commas, `id:step` for a checkpoint. `tour` sends the prompt at once. */
  compare: (
    query: { readonly model?: string | null; readonly runs?: string | null; readonly prompt?: string | null; readonly tour?: 1 | null } = {},
  ) => withQuery('/compare', query),
  settings: () => '/settings',
};
