import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, client } from '../../api/client.ts';
import { useSettings } from '../../api/use-settings.ts';

const KNOWN = { refresh: false };

export function useMachine() {
  const info = useQuery({ ...api.system.info.queryOptions(), refetchOnMount: 'always' as const });
  const devices = useQuery(api.system.devices.queryOptions({ input: KNOWN }));
  const settings = useSettings();
  return { info, devices, settings };
}

/** Asks an engine anew, as after a driver was installed. */
export function useRefreshMachine() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => client.system.devices({ refresh: true }),
    onSuccess(reports) {
      queries.setQueryData(api.system.devices.queryKey({ input: KNOWN }), reports);
      void queries.invalidateQueries({ queryKey: api.system.info.key() });
    },
  });
}
