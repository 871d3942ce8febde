import { DEFAULT_SETTINGS, settingsSchema, type Settings, type SettingsPatch } from '../../../shared/domain/settings.ts';
import { SettingsTable } from '../../registry/settings-table.ts';
import type { ServiceContext } from '../context.ts';

/** The settings of the registry; a value that cannot be read any more counts as its default. */
export class SettingsStore {
  readonly #context: ServiceContext;
  readonly #table: SettingsTable;

  constructor(context: ServiceContext) {
    this.#context = context;
    this.#table = new SettingsTable(context.registry.database);
  }

  get(): Settings {
    const stored = this.#table.all();
    const read = Object.entries(settingsSchema.shape).flatMap(([key, schema]) => {
      const parsed = schema.safeParse(parsedJson(stored.get(key)));
      return parsed.success ? [[key, parsed.data] as const] : [];
    });
    return { ...DEFAULT_SETTINGS, ...Object.fromEntries(read) };
  }

  /** Fields that are given replace the earlier ones; whoever listens to the registry's changes hears of it. */
  async update(patch: SettingsPatch): Promise<Settings> {
    const given = Object.entries(patch).filter(([, value]) => value !== undefined);
    await this.#context.registry.write(() => this.#table.set(new Map(given.map(([key, value]) => [key, JSON.stringify(value)]))));
    return this.get();
  }
}

/** Undefined, which no field accepts, where there is none or it is broken. */
function parsedJson(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    // Written by hand or cut off; the default takes its place.
    return undefined;
  }
}
