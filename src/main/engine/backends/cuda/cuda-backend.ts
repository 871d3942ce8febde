import type { Backend } from '../backend.ts';
import { CudaContext } from './driver/context.ts';
import { openDevice, type DeviceFacts, type NoDeviceReason } from './driver/device.ts';
import type { DriverLibrary } from './driver/library.ts';
import { hasTensorMaps } from './driver/tensor-map.ts';
import { loadKernels } from './kernel-library.ts';
import { CudaSession, type CudaSessionOptions } from './program/cuda-session.ts';

export interface CudaBackendOptions extends CudaSessionOptions {
  /** `resources/kernels` */
  readonly kernelFolder: string;
  /**
   * Where the driver keeps what it compiled, hashed by text, driver and card (its own compute cache); the driver's default when
   * absent or when CUDA_CACHE_PATH is set already. Takes effect before the first CUDA call of the process.
   */
  readonly cacheFolder?: string;
  /** Which card, in the driver's order. */
  readonly device?: number;
}

export type CudaBackendResult = { readonly ok: true; readonly backend: Backend } | { readonly ok: false; readonly reason: NoDeviceReason };

/** The one generation that kernels/gemm-wgmma.cu is built for. */
const HOPPER = 90;

/** The backend, or why there is none, as a sentence for a person. Creates no context until a session is opened. */
export function createCudaBackend(options: CudaBackendOptions): CudaBackendResult {
  if (options.cacheFolder !== undefined) process.env['CUDA_CACHE_PATH'] ??= options.cacheFolder;
  const found = openDevice(options.device ?? 0);
  if (!found.ok) return { ok: false, reason: found.reason };
  const { driver, facts } = found;
  const open = async () => {
    const context = CudaContext.open(driver, facts);
    try {
      const library = loadKernels(context, options.kernelFolder);
      return new CudaSession(context, library, options, () => {
        library.dispose();
        context.dispose();
      });
    } catch (error) {
      context.dispose();
      throw error;
    }
  };
  return {
    ok: true,
    backend: { info: { kind: 'cuda', device: `${describe(facts)}, ${productsOf(driver, facts)}`, computeDTypes: ['f32', 'bf16'] }, open },
  };
}

/** Which matrix kernels a run will use, and why not the card's own where that is so: runs carry it in their log. */
export function productsOf(driver: DriverLibrary, { computeCapability }: Pick<DeviceFacts, 'computeCapability'>): string {
  if (computeCapability !== HOPPER) return 'mma.sync products';
  return hasTensorMaps(driver) ? 'wgmma products' : 'mma.sync products, since the driver is older than CUDA 12';
}

function describe({ name, totalBytes, driverCuda }: DeviceFacts): string {
  const version = `${Math.floor(driverCuda / 1000)}.${Math.floor((driverCuda % 1000) / 10)}`;
  return `${name}, ${Math.round(totalBytes / 1e9)} GB, CUDA ${version}`;
}
