import type { RecipeCheck, RunDetail, RunSummary, RunWatchUpdate } from '../../shared/domain/run-record.ts';
import type { ServiceContext } from './context.ts';
import type { DatasetLibrary } from './dataset-library.ts';
import type { EncodingSubject } from './inspector.ts';
import type { ModelLibrary } from './model-library.ts';
import { notBuilt } from './not-built.ts';
import type { SettingsStore } from './settings-store.ts';

/** The runs of the registry, whoever runs them, and those that this process runs itself. */
export class RunLibrary {
  readonly #context: ServiceContext;
  readonly #settings: SettingsStore;
  readonly #models: ModelLibrary;
  readonly #datasets: DatasetLibrary;

  constructor(context: ServiceContext, settings: SettingsStore, models: ModelLibrary, datasets: DatasetLibrary) {
    this.#context = context;
    this.#settings = settings;
    this.#models = models;
    this.#datasets = datasets;
  }

  check(_modelId: string, _datasetId: string, _settings: Readonly<Record<string, unknown>>): RecipeCheck {
    return notBuilt('runs', this.#context, this.#settings, this.#models, this.#datasets);
  }

  start(_subject: EncodingSubject, _name: string | null): Promise<RunSummary> {
    return notBuilt('runs');
  }

  list(): readonly RunSummary[] {
    return notBuilt('runs');
  }

  watchList(_signal: AbortSignal): AsyncIterable<readonly RunSummary[]> {
    return notBuilt('runs');
  }

  /** @throws AppError RUN-UNKNOWN */
  get(_id: string): RunDetail {
    return notBuilt('runs');
  }

  watch(_id: string, _signal: AbortSignal): AsyncIterable<RunWatchUpdate> {
    return notBuilt('runs');
  }

  stop(_id: string): void {
    return notBuilt('runs');
  }

  resume(_id: string): Promise<RunSummary> {
    return notBuilt('runs');
  }

  rename(_id: string, _name: string): void {
    return notBuilt('runs');
  }

  remove(_id: string): Promise<void> {
    return notBuilt('runs');
  }

  /** Folder of an adapter: of a checkpoint, or (null) the final one, else the newest checkpoint. @throws AppError RUN-UNKNOWN, ADAPTER-NONE */
  adapterFolder(_id: string, _checkpoint: number | null): Promise<string> {
    return notBuilt('runs');
  }

  /** Asks the runs of this process to save and end, and waits for them: the host is going down. */
  async close(): Promise<void> {}
}
