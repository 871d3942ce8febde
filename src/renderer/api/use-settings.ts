import { useQuery } from '@tanstack/react-query';
import { api } from './client.ts';

/** What a person has chosen for the whole studio. @param fresh asked anew when the screen opens, as where it is changed */
export function useSettings(fresh = false) {
  return useQuery({ ...api.settings.get.queryOptions(), ...(fresh ? { refetchOnMount: 'always' as const } : {}) });
}
