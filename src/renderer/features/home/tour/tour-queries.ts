import { useMutation, useQuery } from '@tanstack/react-query';
import type { Starter } from '../../../../shared/contract/starter.ts';
import type { InspectedRow } from '../../../../shared/domain/inspection.ts';
import { api, client } from '../../../api/client.ts';

/** The bundled model and dataset; registered by asking. */
export function useStarter() {
  return useQuery({ ...api.starter.open.queryOptions(), refetchOnMount: 'always' as const });
}

export function useFirstRows(datasetId: string, count: number) {
  return useQuery({ ...api.datasets.rows.queryOptions({ input: { id: datasetId, offset: 0, limit: count } }), refetchOnMount: 'always' as const });
}

/** The first row as training will see it. */
export function useInspectedRow({ model, dataset, settings }: Starter) {
  return useQuery({
    queryKey: ['tour', 'row', model.id, dataset.version.id, dataset.edits.pending],
    queryFn: async ({ signal }): Promise<InspectedRow | null> => {
      const updates = await client.inspector.rows({ modelId: model.id, datasetId: dataset.id, settings, first: 0, count: 1 }, { signal });
      for await (const update of updates) if (update.kind === 'row') return update.row;
      return null;
    },
  });
}

export function useStart() {
  return useMutation(api.runs.start.mutationOptions());
}

export function useStop() {
  return useMutation(api.runs.stop.mutationOptions());
}

export function useResume() {
  return useMutation(api.runs.resume.mutationOptions());
}
