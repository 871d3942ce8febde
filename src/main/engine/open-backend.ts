import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../shared/lib/app-error.ts';
import { assertNever } from '../../shared/lib/assert-never.ts';
import type { Backend } from './backends/backend.ts';
import type { DeviceChoice } from './protocol.ts';

export interface BackendPlace {
  readonly threads: number | null;
  readonly cacheDir: string;
}

/**
 * The backend for a device; its native libraries are loaded only now. Never falls back by itself: whoever asked decides.
 * @throws AppError NO-GPU with the reason in a plain sentence
 */
export async function openBackend(device: DeviceChoice, { threads, cacheDir }: BackendPlace): Promise<Backend> {
  switch (device) {
    case 'cpu': {
      const { createOnnxBackend } = await import('./backends/onnx/backend.ts');
      return createOnnxBackend({ ...(threads === null ? {} : { threads }), cacheFolder: join(cacheDir, 'programs') });
    }
    case 'reference': {
      const { referenceBackend } = await import('./backends/reference/reference-backend.ts');
      return referenceBackend;
    }
    case 'cuda': {
      const { createCudaBackend } = await import('./backends/cuda/cuda-backend.ts');
      const kernelFolder = fileURLToPath(new URL('../../../resources/kernels', import.meta.url));
      const opened = createCudaBackend({ kernelFolder, cacheFolder: join(cacheDir, 'kernels') });
      if (opened.ok) return opened.backend;
      const { kind, message, remedy } = opened.reason;
      throw new AppError({
        code: 'NO-GPU',
        message,
        data: { kind },
        remedy: `${remedy === undefined ? '' : `${remedy} `}Without a GPU, train on the CPU (--device cpu).`,
      });
    }
    default:
      return assertNever(device);
  }
}
