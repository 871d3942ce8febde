import { QueryClient } from '@tanstack/react-query';

/**
 * The registry is the truth and tells what changed; nothing is asked for again because a window got the focus. The host is on this
 * machine: a browser that believes itself offline must not hold calls back.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { refetchOnWindowFocus: false, refetchOnReconnect: false, retry: false, staleTime: Infinity, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
});
