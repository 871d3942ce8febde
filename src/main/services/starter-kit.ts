import type { Starter } from '../../shared/contract/starter.ts';
import type { ServiceContext } from './context.ts';
import type { DatasetLibrary } from './dataset-library.ts';
import type { ModelLibrary } from './model-library.ts';
import { notBuilt } from './not-built.ts';

/** The bundled model and dataset, for the tour. */
export class StarterKit {
  readonly #parts: readonly unknown[];

  constructor(context: ServiceContext, models: ModelLibrary, datasets: DatasetLibrary) {
    this.#parts = [context, models, datasets];
  }

  open(): Promise<Starter> {
    return notBuilt('starter', this.#parts);
  }
}
