import type { Backend } from '../backend.ts';
import { ReferenceSession } from './session.ts';

/**
 * The definition of every other backend: plain loops over float64, every fused op through its decomposition. f32 values are
 * never rounded inside, bf16 and f16 values after each op. For tests; far too slow for anything else.
 */
export const referenceBackend: Backend = {
  info: { kind: 'reference', device: 'CPU, float64 reference', computeDTypes: ['f32', 'bf16'] },
  open: async () => new ReferenceSession(),
};
