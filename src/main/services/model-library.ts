import type { ScanUpdate } from '../../shared/contract/models.ts';
import type { ModelRecord } from '../../shared/domain/model.ts';
import type { ServiceContext } from './context.ts';
import { notBuilt } from './not-built.ts';
import type { SettingsStore } from './settings-store.ts';

/** The model folders that the studio knows of. */
export class ModelLibrary {
  readonly #context: ServiceContext;
  readonly #settings: SettingsStore;

  constructor(context: ServiceContext, settings: SettingsStore) {
    this.#context = context;
    this.#settings = settings;
  }

  list(): readonly ModelRecord[] {
    return notBuilt('models', this.#context, this.#settings);
  }

  /** @throws AppError MODEL-UNKNOWN */
  get(_id: string): ModelRecord {
    return notBuilt('models');
  }

  /** Reads the folder's facts by an engine and remembers it; one known already is read again. @throws AppError of the model's files */
  open(_path: string, _source: ModelRecord['source'] = 'folder'): Promise<ModelRecord> {
    return notBuilt('models');
  }

  scan(_signal: AbortSignal): AsyncIterable<ScanUpdate> {
    return notBuilt('models');
  }

  forget(_id: string): void {
    return notBuilt('models');
  }
}
