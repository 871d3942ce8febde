import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { DeviceReport } from '../domain/device.ts';
import { settingsPatchSchema, type Settings } from '../domain/settings.ts';
import type { StudioNotice } from '../domain/studio-notice.ts';
import type { FolderListing, SystemInfo } from '../domain/system.ts';
import { procedure } from './procedure.ts';

export const system = {
  info: procedure.output(type<SystemInfo>()),
  /** Asks an engine what it can train on; a second or so the first time, then remembered until `refresh`. */
  devices: procedure.input(z.object({ refresh: z.boolean().default(false) })).output(type<readonly DeviceReport[]>()),
  /** What a person has to know of the studio as a whole, now and whenever that changes. */
  watchNotices: procedure.output(eventIterator(type<readonly StudioNotice[]>())),
  /** Names in a folder of the host's disk, so that a folder can be chosen where no native dialog can be had; null is the home folder. */
  listFolder: procedure.input(z.object({ path: z.string().min(1).max(4096).nullable() })).output(type<FolderListing>()),
};

export const settings = {
  get: procedure.output(type<Settings>()),
  /** Fields that are given replace the earlier ones. */
  update: procedure.input(settingsPatchSchema).output(type<Settings>()),
};
