import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { DatasetSource, Reading, RowEdit } from '../../../shared/domain/dataset-record.ts';
import { appErrorOf } from '../../api/app-error.ts';
import { api, client } from '../../api/client.ts';
import { notifyError } from '../../components/notify/notify.ts';

/** Rows asked for at once; the table keeps the pages it last showed. */
export const PAGE_ROWS = 100;
const PAGE_KEPT = 60_000;

export function useDataset(id: string) {
  return useQuery({ ...api.datasets.get.queryOptions({ input: { id } }), refetchOnMount: 'always' as const });
}

/** What a file would be read as; the last answer stays on screen while the next is on its way. */
export function useSketch(source: DatasetSource, reading: Reading) {
  return useQuery({ ...api.datasets.sketch.queryOptions({ input: { source, reading } }), placeholderData: keepPreviousData, gcTime: 0 });
}

/** One page of rows. Changes of the working copy forget all pages. */
export function pageOptions(id: string, page: number) {
  return { ...api.datasets.rows.queryOptions({ input: { id, offset: page * PAGE_ROWS, limit: PAGE_ROWS } }), gcTime: PAGE_KEPT };
}

/** Rows of a version never change. */
export function versionPageOptions(versionId: string, page: number) {
  return {
    ...api.datasets.versionRows.queryOptions({ input: { versionId, offset: page * PAGE_ROWS, limit: PAGE_ROWS } }),
    gcTime: PAGE_KEPT,
    staleTime: Infinity,
  };
}

export function useComparison(fromVersionId: string, toVersionId: string) {
  return useQuery({ ...api.datasets.compare.queryOptions({ input: { fromVersionId, toVersionId } }), staleTime: Infinity });
}

export function useVersions(id: string) {
  return useQuery({ ...api.datasets.versions.queryOptions({ input: { id } }), refetchOnMount: 'always' as const });
}

export function useBadRows(id: string) {
  return useQuery(api.datasets.badRows.queryOptions({ input: { id, offset: 0, limit: 500 } }));
}

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: api.datasets.key() });
}

export function useDatasetActions() {
  const refresh = useRefresh();
  const onError = (error: Error) => notifyError(appErrorOf(error));
  const options = { onError, onSuccess: refresh };
  const rename = useMutation({ mutationFn: (input: { readonly id: string; readonly name: string }) => client.datasets.rename(input), ...options });
  const remove = useMutation({ mutationFn: (id: string) => client.datasets.remove({ id }), ...options });
  const restore = useMutation({ mutationFn: (versionId: string) => client.datasets.restore({ versionId }), ...options });
  return { rename, remove, restore, refresh };
}

/**
 * Changes of a dataset's working copy, each of which can be undone.
 * @param versionId the version whose rows are shown: keys of rows mean nothing on another, which may have been saved elsewhere
 */
export function useRowEdits(id: string, versionId: string) {
  const refresh = useRefresh();
  const onError = (error: Error) => notifyError(appErrorOf(error));
  const options = { onError, onSuccess: refresh };
  const edit = useMutation({
    mutationFn: (change: RowEdit) => client.datasets.edit({ id, versionId, edit: change }),
    onSuccess: refresh,
    onError: (error) => changedElsewhere(error, refresh),
  });
  const undo = useMutation({ mutationFn: () => client.datasets.undo({ id, versionId }), ...options });
  const redo = useMutation({ mutationFn: () => client.datasets.redo({ id, versionId }), ...options });
  const save = useMutation({ mutationFn: () => client.datasets.save({ id }), ...options });
  return { edit, undo, redo, save };
}

/** The rows on the screen are of before: those of now come, while what was written stays where it was written. */
function changedElsewhere(error: Error, refresh: () => unknown): void {
  if (appErrorOf(error).code === 'DATASET-CHANGED') refresh();
}

/** Rows that were set aside, as a person has mended them. */
export function useMend(id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (rows: readonly { readonly source: number; readonly text: string }[]) => client.datasets.mend({ id, rows: [...rows] }),
    onSuccess: refresh,
  });
}
