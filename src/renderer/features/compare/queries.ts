import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';

const HISTORY = { limit: 100 };

/** Read again whenever the page is opened. */
export function useModels() {
  return useQuery({ ...api.models.list.queryOptions(), refetchOnMount: 'always' as const });
}

/** Newest first. */
export function useHistory() {
  return useQuery({ ...api.playground.history.queryOptions({ input: HISTORY }), refetchOnMount: 'always' as const });
}

export function useRefreshHistory(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: api.playground.history.key() });
}

export function useForget() {
  const refresh = useRefreshHistory();
  return useMutation(api.playground.forget.mutationOptions({ onSuccess: refresh }));
}

/** Held-out prompts of the bundled starter, for its model alone. */
export function useExamplePrompts(source: 'folder' | 'hub-cache' | 'starter' | null): readonly string[] {
  const starter = useQuery({ ...api.starter.open.queryOptions(), enabled: source === 'starter' });
  return starter.data?.prompts ?? [];
}
