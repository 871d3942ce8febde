import { expect, test } from 'vitest';
import { productsOf } from './cuda-backend.ts';
import type { DriverLibrary } from './driver/library.ts';

test('a run says which matrix kernels it uses, and why a Hopper card goes without its own', () => {
  const driver = (tensorMaps: boolean) => ({ cu: tensorMaps ? { cuTensorMapEncodeTiled: () => 0 } : {} }) as unknown as DriverLibrary;
  expect(productsOf(driver(true), { computeCapability: 90 })).toBe('wgmma products');
  expect(productsOf(driver(false), { computeCapability: 90 })).toBe('mma.sync products, since the driver is older than CUDA 12');
  expect(productsOf(driver(true), { computeCapability: 89 })).toBe('mma.sync products');
});
