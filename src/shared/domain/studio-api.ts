import type { AppErrorFields } from '../lib/app-error.ts';
import type { DeviceReport } from './device.ts';

/** What the window may ask of the main process, and nothing else. */
export interface StudioApi {
  /** Asks an engine process what this machine can train on; takes a second or so. Does not reject. */
  devices(): Promise<DevicesAnswer>;
}

/** Errors travel as data: Electron's own way keeps only their message. */
export type DevicesAnswer =
  | { readonly kind: 'devices'; readonly reports: readonly DeviceReport[] }
  | { readonly kind: 'failed'; readonly error: AppErrorFields };

/** Name of the channel between preload and main. */
export const DEVICES_CHANNEL = 'tunesmith:devices';
