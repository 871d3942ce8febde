import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { RunSummary } from '../../shared/domain/run-record.ts';
import type { AppErrorFields } from '../../shared/lib/app-error.ts';
import { client } from './client.ts';
import { useStream } from './use-stream.ts';

const KEY = ['runs', 'watched'] as const;

/** The list of runs as it is now, newest first; null until it has been told. `useWatchRuns` keeps it so, once for the page. */
export function useRuns(): { readonly runs: readonly RunSummary[] | null } {
  const { data } = useQuery<readonly RunSummary[] | null>({ queryKey: KEY, queryFn: () => null, enabled: false });
  return { runs: data ?? null };
}

/** Follows the list of runs for all who ask `useRuns`. */
export function useWatchRuns(): { readonly error: AppErrorFields | null } {
  const queries = useQueryClient();
  return useStream({
    open: (signal) => client.runs.watchList(undefined, { signal }),
    onUpdate: (runs: readonly RunSummary[]) => queries.setQueryData(KEY, runs),
    deps: [],
  });
}
