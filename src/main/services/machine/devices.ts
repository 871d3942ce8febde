import type { DataFolder } from '../../../shared/domain/data-folder.ts';
import type { DeviceChoice, DeviceReport } from '../../../shared/domain/device.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { startJob } from '../../engine-host/engine-host.ts';

/** What a person may ask for; `auto` is the GPU where there is a usable one. */
export type RequestedDevice = DeviceChoice | 'auto';

export interface ChosenDevice {
  readonly device: DeviceChoice;
  /** Why `auto` chose what it chose; null when the device was named. */
  readonly reason: string | null;
}

/** Each device the engine could use on this machine, and why not where it cannot. @throws AppError ENGINE-LOST */
export async function listDevices(folder: DataFolder): Promise<readonly DeviceReport[]> {
  const reports: DeviceReport[] = [];
  const job = startJob({ kind: 'devices', device: 'cpu', threads: null, cacheDir: folder.cache }, (event) => {
    if (event.kind === 'device') reports.push(event.report);
  });
  const last = await job.ended;
  if (last.kind === 'failed') throw new AppError(last.error);
  return reports;
}

/** Settles `auto`: the GPU when it works, else the CPU, with the reason in words. A named device is taken as it is. */
export async function chooseDevice(requested: RequestedDevice, folder: DataFolder): Promise<ChosenDevice> {
  return requested === 'auto' ? settleDevice(requested, await listDevices(folder)) : { device: requested, reason: null };
}

/** The same for devices that are known already. */
export function settleDevice(requested: RequestedDevice, reports: readonly DeviceReport[]): ChosenDevice {
  if (requested !== 'auto') return { device: requested, reason: null };
  const gpu = reports.find(({ device }) => device === 'cuda');
  if (gpu?.available) return { device: 'cuda', reason: `Using the GPU: ${gpu.description}.` };
  return { device: 'cpu', reason: `Using the CPU, since no GPU can be used: ${sentence(gpu?.description ?? 'none was found')}` };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
