import type { DeviceChoice } from '../../src/main/engine/protocol.ts';

/** Bytes free on the device now, other programs counted, by the driver's word; null for devices without such a driver. */
export async function freeDeviceMemory(device: DeviceChoice): Promise<(() => number) | null> {
  if (device !== 'cuda') return null;
  const [{ openDevice }, { CudaContext }] = await Promise.all([
    import('../../src/main/engine/backends/cuda/driver/device.ts'),
    import('../../src/main/engine/backends/cuda/driver/context.ts'),
  ]);
  const found = openDevice();
  if (!found.ok) throw new Error(found.reason.message);
  // The primary context, which the backend shares: what it costs is taken before the first reading.
  const context = CudaContext.open(found.driver, found.facts);
  return () => context.memory().freeBytes;
}
