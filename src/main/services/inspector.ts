import type { CountUpdate, DatasetCounts, InspectUpdate } from '../../shared/domain/inspection.ts';
import type { RecipeSettings } from '../../shared/domain/recipe.ts';
import type { ServiceContext } from './context.ts';
import type { DatasetLibrary } from './dataset-library.ts';
import type { ModelLibrary } from './model-library.ts';
import { notBuilt } from './not-built.ts';

/** A model, a dataset and how it is encoded. */
export interface EncodingSubject {
  readonly modelId: string;
  readonly datasetId: string;
  readonly settings: RecipeSettings;
}

/** Rows as training will see them, before anything is trained. */
export class Inspector {
  readonly #context: ServiceContext;
  readonly #models: ModelLibrary;
  readonly #datasets: DatasetLibrary;

  constructor(context: ServiceContext, models: ModelLibrary, datasets: DatasetLibrary) {
    this.#context = context;
    this.#models = models;
    this.#datasets = datasets;
  }

  rows(_subject: EncodingSubject, _first: number, _count: number, _signal: AbortSignal): AsyncIterable<InspectUpdate> {
    return notBuilt('inspector', this.#context, this.#models, this.#datasets);
  }

  count(_subject: EncodingSubject, _signal: AbortSignal): AsyncIterable<CountUpdate> {
    return notBuilt('inspector');
  }

  /** Counts from before, or null where this has not been gone through yet. */
  knownCounts(_subject: EncodingSubject): DatasetCounts | null {
    return notBuilt('inspector');
  }
}
