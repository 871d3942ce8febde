import type { Settings, SettingsPatch } from '../../shared/domain/settings.ts';
import type { ServiceContext } from './context.ts';
import { notBuilt } from './not-built.ts';

/** The settings of the registry; a value that cannot be read any more counts as its default. */
export class SettingsStore {
  readonly #context: ServiceContext;

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  get(): Settings {
    return notBuilt('settings', this.#context);
  }

  update(_patch: SettingsPatch): Settings {
    return notBuilt('settings');
  }
}
