/** @file The machine in the terms of training. Pure. */
import type { DeviceReport } from '../../../shared/domain/device.ts';
import type { Settings } from '../../../shared/domain/settings.ts';

export interface Hardware {
  /** What runs would use now, by the settings; null where that device cannot be used. */
  readonly used: DeviceReport | null;
  /** Chosen by hand in the settings. */
  readonly chosen: boolean;
  /** As the engine describes it, with name, memory and driver; or in words why it cannot be used. */
  readonly gpu: DeviceReport | null;
}

export function hardwareOf(devices: readonly DeviceReport[], requested: Settings['device']): Hardware {
  const find = (device: DeviceReport['device']) => devices.find((each) => each.device === device) ?? null;
  const gpu = find('cuda');
  const automatic = gpu?.available ? gpu : find('cpu');
  const used = requested === 'auto' ? automatic : find(requested);
  return { used: used?.available ? used : null, chosen: requested !== 'auto', gpu };
}
