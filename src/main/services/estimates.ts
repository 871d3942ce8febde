import type { MeasureUpdate, RunEstimate } from '../../shared/domain/run-record.ts';
import type { ServiceContext } from './context.ts';
import type { DatasetLibrary } from './dataset-library.ts';
import type { EncodingSubject, Inspector } from './inspector.ts';
import type { ModelLibrary } from './model-library.ts';
import { notBuilt } from './not-built.ts';
import type { RunLibrary } from './run-library.ts';
import type { SettingsStore } from './settings-store.ts';

/** What a run would need: by arithmetic, from earlier runs, or measured by a few real steps. */
export class Estimates {
  readonly #parts: readonly unknown[];

  constructor(context: ServiceContext, settings: SettingsStore, models: ModelLibrary, datasets: DatasetLibrary, inspector: Inspector, runs: RunLibrary) {
    this.#parts = [context, settings, models, datasets, inspector, runs];
  }

  estimate(_subject: EncodingSubject): Promise<RunEstimate> {
    return notBuilt('estimates', this.#parts);
  }

  measure(_subject: EncodingSubject, _signal: AbortSignal): AsyncIterable<MeasureUpdate> {
    return notBuilt('estimates');
  }
}
