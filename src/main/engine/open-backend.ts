import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { AppError } from '../../shared/lib/app-error.ts';
import { assertNever } from '../../shared/lib/assert-never.ts';
import type { Backend } from './backends/backend.ts';
import { createCudaBackend } from './backends/cuda/backend.ts';
import { createOnnxBackend } from './backends/onnx/backend.ts';
import { createReferenceBackend } from './backends/reference/backend.ts';
import type { DeviceChoice } from './protocol.ts';

export interface BackendPlace {
  readonly threads: number | null;
  readonly cacheDir: string;
}

/**
 * The backend for a device. Never falls back by itself: whoever asked decides.
 * @throws AppError NO-GPU with the reason in a plain sentence
 */
export async function openBackend(device: DeviceChoice, { threads, cacheDir }: BackendPlace): Promise<Backend> {
  switch (device) {
    case 'cpu':
      return createOnnxBackend({ threads });
    case 'reference':
      return createReferenceBackend();
    case 'cuda': {
      const kernelFolder = fileURLToPath(new URL('../../../resources/kernels', import.meta.url));
      const opened = await createCudaBackend({ kernelFolder, cacheFolder: join(cacheDir, 'kernels') });
      if (opened.kind === 'backend') return opened.backend;
      throw new AppError({ code: 'NO-GPU', message: opened.reason, remedy: 'Train on the CPU (--device cpu), or install an NVIDIA display driver.' });
    }
    default:
      return assertNever(device);
  }
}
