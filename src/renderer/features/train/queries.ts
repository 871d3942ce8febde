import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import type { RecipeSettings } from '../../../shared/domain/recipe/recipe.ts';
import { api, client } from '../../api/client.ts';

/** The run whose settings are taken over. */
export function useEarlierRun(id: string | null) {
  return useQuery({ ...api.runs.get.queryOptions({ input: { id: id ?? '' } }), enabled: id !== null });
}

export interface Subject {
  readonly modelId: string;
  readonly datasetId: string;
}

/** Conflicts between settings that are each fine, and what the host has to say of them. */
export function useCheck(subject: Subject | null, settings: Readonly<Record<string, unknown>>) {
  return useQuery({
    ...api.runs.check.queryOptions({ input: { modelId: subject?.modelId ?? '', datasetId: subject?.datasetId ?? '', settings } }),
    enabled: subject !== null,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
}

export function useEstimate(subject: Subject | null, settings: RecipeSettings | null) {
  return useQuery({
    ...api.runs.estimate.queryOptions({ input: { modelId: subject?.modelId ?? '', datasetId: subject?.datasetId ?? '', settings: settings! } }),
    enabled: subject !== null && settings !== null,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
}

export function useStart() {
  return useMutation({
    mutationFn: (input: Subject & { readonly settings: RecipeSettings; readonly name: string | null }) => client.runs.start(input),
  });
}
