import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Finding } from '../../../shared/domain/finding.ts';
import type { InspectedRow } from '../../../shared/domain/inspection.ts';
import { LISTED_TEMPLATE, type ModelRecord } from '../../../shared/domain/model.ts';
import type { RecipeSettings } from '../../../shared/domain/recipe/recipe.ts';
import { client } from '../../api/client.ts';
import { useWholeModel } from '../../api/use-models.ts';

/** Rows asked for at once: an engine takes longer to start than to encode them. */
export const WINDOW = 20;

export interface Subject {
  readonly modelId: string;
  readonly datasetId: string;
  readonly settings: RecipeSettings;
}

export interface InspectedWindow {
  readonly rows: readonly InspectedRow[];
  readonly notices: readonly string[];
  /** Of these rows alone: their counts are not those of the dataset. */
  readonly findings: readonly Finding[];
  /** Rows that training leaves out, by place, with their length in tokens. */
  readonly dropped: ReadonlyMap<number, { readonly length: number; readonly reason: string | null }>;
}

/** A model's own chat template as a whole, of which lists have the beginning; null where it has none. */
export function useModelTemplate(model: ModelRecord | undefined): string | null {
  const known = templateOf(model);
  const isWhole = known === null || known.length <= LISTED_TEMPLATE;
  const whole = useWholeModel(model, !isWhole);
  return isWhole ? known : (templateOf(whole) ?? known);
}

function templateOf(model: ModelRecord | undefined): string | null {
  return model?.state.kind === 'usable' ? model.state.facts.chatTemplate : null;
}

/** The rows around one, as training will see them. `stamp` changes when the dataset does. The last good answer stays while the next is on its way. */
export function useInspectedRows(subject: Subject | null, first: number, stamp: string) {
  return useQuery({
    queryKey: ['inspected', subject, first, stamp],
    enabled: subject !== null,
    placeholderData: keepPreviousData,
    gcTime: 120_000,
    async queryFn({ signal }): Promise<InspectedWindow> {
      const rows: InspectedRow[] = [];
      const notices: string[] = [];
      const found: Finding[] = [];
      const dropped = new Map<number, { readonly length: number; readonly reason: string | null }>();
      for await (const update of await client.inspector.rows({ ...subject!, first, count: WINDOW }, { signal })) {
        if (update.kind === 'row') rows.push(update.row);
        else if (update.kind === 'dropped') dropped.set(update.row, { length: update.length, reason: update.reason });
        else if (update.kind === 'findings') found.push(...update.findings);
        else notices.push(update.message);
      }
      return { rows, notices, dropped, findings: found };
    },
  });
}
