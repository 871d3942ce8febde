import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Column, Manner } from '../../../shared/domain/generation.ts';
import { api } from '../../api/client.ts';
import { commonManner } from './draft.ts';

const HISTORY = { limit: 100 };

/** Newest first. */
export function useHistory() {
  return useQuery({ ...api.compare.history.queryOptions({ input: HISTORY }), refetchOnMount: 'always' as const });
}

export function useRefreshHistory(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: api.compare.history.key() });
}

export function useForget() {
  const refresh = useRefreshHistory();
  return useMutation(api.compare.forget.mutationOptions({ onSuccess: refresh }));
}

/** Held-out prompts of the bundled starter, for its model alone. */
export function useExamplePrompts(source: 'folder' | 'hub-cache' | 'starter' | null): readonly string[] {
  const starter = useQuery({ ...api.starter.open.queryOptions(), enabled: source === 'starter' });
  return starter.data?.prompts ?? [];
}

/** Milliseconds after which it is asked again whether a run still trains. */
const AGAIN = 3000;

/** Loads what these columns need, while the question is still being written. Asked again when the page comes back into sight. */
export function useReadiness(modelId: string | null, columns: readonly Column[], enabled: boolean) {
  return useQuery({
    ...api.compare.warm.queryOptions({ input: { modelId: modelId ?? '', columns: [...columns] } }),
    enabled: enabled && modelId !== null && columns.length > 0,
    refetchOnMount: 'always' as const,
    refetchOnWindowFocus: true,
    // A run that trains now will have ended.
    refetchInterval: ({ state }) => (state.data?.kind === 'training' ? AGAIN : false),
    staleTime: 5 * 60_000,
    gcTime: 0,
    retry: false,
  });
}

/** How the runs of the columns ask their model, where they agree; `settled` once each has answered. */
export function useManner(columns: readonly Column[]): { readonly manner: Manner | null; readonly settled: boolean } {
  const ids = [...new Set(columns.flatMap((column) => (column.kind === 'run' ? [column.runId] : [])))];
  return useQueries({
    queries: ids.map((runId) => ({ ...api.compare.manner.queryOptions({ input: { runId } }), retry: false, staleTime: 60_000 })),
    combine: (results) => ({ manner: commonManner(results.map(({ data }) => data)), settled: results.every(({ isPending }) => !isPending) }),
  });
}
