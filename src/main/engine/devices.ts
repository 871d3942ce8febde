import { AppError } from '../../shared/lib/app-error.ts';
import { openBackend } from './open-backend.ts';
import type { DevicesJob, DeviceReport, EngineEvent } from './protocol.ts';

/** Reports each device the engine could use, and why not where it cannot. */
export async function runDevices(job: DevicesJob, emit: (event: EngineEvent) => void): Promise<void> {
  for (const device of ['cuda', 'cpu'] as const) emit({ kind: 'device', report: await report(device, job) });
}

async function report(device: 'cpu' | 'cuda', job: DevicesJob): Promise<DeviceReport> {
  try {
    const { info } = await openBackend(device, job);
    return { device, available: true, description: info.device, computeDTypes: [...info.computeDTypes] };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { device, available: false, description: error.message, computeDTypes: [] };
  }
}
