import { describe, expect, it } from 'vitest';
import type { DeviceReport } from '../../../shared/domain/device.ts';
import { hardwareOf } from './hardware.ts';

const cpu: DeviceReport = { device: 'cpu', available: true, description: 'CPU', computeDTypes: ['f32'] };
const gpu: DeviceReport = { device: 'cuda', available: true, description: 'RTX', computeDTypes: ['f32', 'bf16'] };
const noGpu: DeviceReport = { ...gpu, available: false, description: 'No NVIDIA driver was found.' };

describe('hardwareOf', () => {
  it('takes the GPU where it can, and keeps the reason where it cannot', () => {
    expect(hardwareOf([gpu, cpu], 'auto')).toEqual({ used: gpu, chosen: false, gpu });
    expect(hardwareOf([noGpu, cpu], 'auto')).toEqual({ used: cpu, chosen: false, gpu: noGpu });
  });

  it('follows the settings, and says so when what they name cannot be used', () => {
    expect(hardwareOf([gpu, cpu], 'cpu')).toMatchObject({ used: cpu, chosen: true });
    expect(hardwareOf([noGpu, cpu], 'cuda')).toMatchObject({ used: null, chosen: true });
  });
});
