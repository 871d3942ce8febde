import type { DeviceReport } from '../../../shared/domain/device.ts';

export interface DeviceWords {
  readonly name: string;
  readonly state: 'Ready' | 'Cannot be used';
  readonly description: string;
}

const NAMES: Readonly<Record<DeviceReport['device'], string>> = { cuda: 'Graphics card', cpu: 'Processor', reference: 'Reference' };

/** What a card says about a device. */
export function deviceWords({ device, available, description, computeDTypes }: DeviceReport): DeviceWords {
  return {
    name: NAMES[device],
    state: available ? 'Ready' : 'Cannot be used',
    description: available ? `${description}. Computes in ${computeDTypes.join(' or ')}.` : description,
  };
}
