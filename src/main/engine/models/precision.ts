import { AppError } from '../../../shared/lib/app-error.ts';
import type { BackendInfo } from '../backends/backend.ts';

/**
 * `auto` is what the device does best: bf16 where it has it, else f32.
 * @throws AppError E-BF16 where bf16 is asked of a device without it
 */
export function choosePrecision(wanted: 'auto' | 'f32' | 'bf16', { computeDTypes, device }: BackendInfo): 'f32' | 'bf16' {
  if (wanted === 'auto') return computeDTypes.includes('bf16') ? 'bf16' : 'f32';
  if (computeDTypes.includes(wanted)) return wanted;
  throw new AppError({
    code: 'E-BF16',
    message: `${device} does not train in ${wanted}; it does ${computeDTypes.join(' and ')}.`,
    data: { wanted, computeDTypes },
    remedy: 'Set precision to "auto".',
  });
}
