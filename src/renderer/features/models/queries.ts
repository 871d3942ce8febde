import { useMutation, useQueryClient } from '@tanstack/react-query';
import { appErrorOf } from '../../api/app-error.ts';
import { api, client } from '../../api/client.ts';
import { notifyError } from '../../components/notify/notify.ts';

export function useModelActions() {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: api.models.key() });
  // An error of opening has its place in the dialog.
  const open = useMutation({ mutationFn: (path: string) => client.models.open({ path }), onSuccess: refresh });
  const forget = useMutation({
    mutationFn: (id: string) => client.models.forget({ id }),
    onSuccess: refresh,
    onError: (error) => notifyError(appErrorOf(error)),
  });
  const starter = useMutation({ mutationFn: () => client.starter.open(), onSuccess: refresh, onError: (error) => notifyError(appErrorOf(error)) });
  return { open, forget, starter, refresh };
}
