import { QueryClient } from '@tanstack/react-query';

/** The registry is the truth and tells what changed; nothing is asked for again because a window got the focus. */
export const queryClient = new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false, retry: false, staleTime: Infinity }, mutations: { retry: false } } });
