import type { GenerateRequest, GenerateUpdate, Generation } from '../../shared/domain/generation.ts';
import type { ServiceContext } from './context.ts';
import type { ModelLibrary } from './model-library.ts';
import { notBuilt } from './not-built.ts';
import type { RunLibrary } from './run-library.ts';
import type { SettingsStore } from './settings-store.ts';

/** One prompt answered by base and tuned models side by side, and what was answered before. */
export class Comparisons {
  readonly #parts: readonly unknown[];

  constructor(context: ServiceContext, settings: SettingsStore, models: ModelLibrary, runs: RunLibrary) {
    this.#parts = [context, settings, models, runs];
  }

  generate(_request: GenerateRequest, _signal: AbortSignal): AsyncIterable<GenerateUpdate> {
    return notBuilt('comparisons', this.#parts);
  }

  history(_limit: number): readonly Generation[] {
    return notBuilt('comparisons');
  }

  forget(_id: string): void {
    return notBuilt('comparisons');
  }
}
