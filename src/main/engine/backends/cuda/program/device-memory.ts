import { AppError } from '../../../../../shared/lib/app-error.ts';
import type { CudaContext } from '../driver/context.ts';
import type { DeviceBuffer } from '../driver/memory.ts';

const OUT_OF_MEMORY = 'CUDA-DRIVER-2';

/** Device memory for `what`; when there is too little, an AppError `CUDA-MEMORY` with the figures. */
export function allocate(context: CudaContext, bytes: number, what: string): DeviceBuffer {
  try {
    return context.allocate(bytes);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== OUT_OF_MEMORY) throw error;
    const { freeBytes, totalBytes } = context.memory();
    const mib = (value: number) => `${(value / 2 ** 20).toFixed(0)} MiB`;
    throw new AppError(
      {
        code: 'CUDA-MEMORY',
        message: `${what} needs ${mib(bytes)} of GPU memory; ${mib(freeBytes)} of ${mib(totalBytes)} are free on ${context.facts.name}.`,
        data: { what, bytes, freeBytes, totalBytes },
        remedy: 'Choose a smaller batch or length, close other programs that use the GPU, or use a smaller model.',
      },
      error,
    );
  }
}
