import { useQuery } from '@tanstack/react-query';
import { api } from './client.ts';

/** Every dataset, last changed first; read again whenever a screen opens. */
export function useDatasets() {
  return useQuery({ ...api.datasets.list.queryOptions(), refetchOnMount: 'always' as const });
}
