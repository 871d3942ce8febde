import { z } from 'zod';

/** What a person may ask for; `auto` is the GPU where there is a usable one. */
export const requestedDeviceSchema = z.enum(['auto', 'cpu', 'cuda', 'reference']);

const fields = {
  theme: z.enum(['auto', 'light', 'dark']),
  language: z.enum(['en']),
  device: requestedDeviceSchema,
  /** CPU threads of the engine; null lets it use the physical cores. */
  threads: z.int().min(1).max(1024).nullable(),
  /** Folders whose model folders the scan looks for, beside the Hugging Face cache. Absolute paths. */
  modelFolders: z.array(z.string().min(1).max(4096)).max(100),
};

/** What a person has chosen once for all screens. */
export const settingsSchema = z.object(fields);
export type Settings = Readonly<z.output<typeof settingsSchema>>;

/** Some of the fields: what is to be changed. */
export const settingsPatchSchema = settingsSchema.partial();
export type SettingsPatch = z.output<typeof settingsPatchSchema>;

/** A registry without settings is complete by these. */
export const DEFAULT_SETTINGS: Settings = { theme: 'auto', language: 'en', device: 'auto', threads: null, modelFolders: [] };
