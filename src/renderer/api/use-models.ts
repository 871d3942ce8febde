import { useQuery } from '@tanstack/react-query';
import type { ModelRecord } from '../../shared/domain/model.ts';
import { api } from './client.ts';

/** Every model that is known, read again whenever a screen opens: folders change behind our back. */
export function useModels() {
  return useQuery({ ...api.models.list.queryOptions(), refetchOnMount: 'always' as const });
}

/** A model with its whole chat template, of which lists have the beginning; undefined only where it is asked of none. */
export function useWholeModel(model: ModelRecord): ModelRecord;
export function useWholeModel(model: ModelRecord | undefined, enabled: boolean): ModelRecord | undefined;
export function useWholeModel(model: ModelRecord | undefined, enabled = true): ModelRecord | undefined {
  const { data } = useQuery({
    ...api.models.get.queryOptions({ input: { id: model?.id ?? '' } }),
    enabled: enabled && model !== undefined,
    ...(model === undefined ? {} : { placeholderData: model }),
  });
  return data ?? model;
}
