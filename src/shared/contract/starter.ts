import { type } from '@orpc/contract';
import type { DatasetSummary } from '../domain/dataset-record.ts';
import type { ModelRecord } from '../domain/model.ts';
import type { RecipeSettings } from '../domain/recipe/recipe.ts';
import { procedure } from './procedure.ts';

/** Everything the tour needs; the rest of it goes through the same calls as any other run. */
export interface Starter {
  readonly model: ModelRecord;
  readonly dataset: DatasetSummary;
  readonly settings: RecipeSettings;
  /** Held-out questions to ask base and tuned model. */
  readonly prompts: readonly string[];
}

export const starter = {
  /** The bundled model and dataset, registered the first time. */
  open: procedure.output(type<Starter>()),
};
