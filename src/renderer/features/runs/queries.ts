import { useMutation } from '@tanstack/react-query';
import { client } from '../../api/client.ts';
import { appErrorOf } from '../../api/app-error.ts';
import { notifyError } from '../../components/notify/notify.ts';

const onError = (error: Error) => notifyError(appErrorOf(error));

/** What can be done with a run. The watched list and the watched run tell what came of it. */
export function useRunActions() {
  const stop = useMutation({ mutationFn: (id: string) => client.runs.stop({ id }), onError });
  const resume = useMutation({ mutationFn: (id: string) => client.runs.resume({ id }), onError });
  const rename = useMutation({ mutationFn: (input: { readonly id: string; readonly name: string }) => client.runs.rename(input), onError });
  const note = useMutation({ mutationFn: (input: { readonly id: string; readonly notes: string }) => client.runs.note(input), onError });
  const remove = useMutation({ mutationFn: (id: string) => client.runs.remove({ id }), onError });
  return { stop, resume, rename, note, remove };
}
