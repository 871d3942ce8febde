import type { HostTensor } from '../../src/main/engine/backends/backend.ts';
import { decodeHalfs, isHalf } from '../../src/main/engine/ir/float-bits.ts';

/**
 * Largest error allowed, relative to the element or to the tensor's root mean square, whichever is larger: some tens of units
 * in the last place of f32 (sums in another order), two of bf16 (a rounding that falls the other way, carried through one op).
 */
export const TOLERANCE = { f32: 2e-5, f16: 2 ** -9, bf16: 2 ** -6, i32: 0, bool: 0 } as const;

export interface WorstElement {
  /** Infinity where a NaN or an infinity stands in only one of the tensors. */
  readonly error: number;
  readonly index: number;
  readonly got: number;
  readonly want: number;
}

/** The elements as numbers, 16-bit floats decoded. */
export function numbers({ dtype, data }: HostTensor): ArrayLike<number> {
  return isHalf(dtype) ? decodeHalfs(dtype, data as Uint16Array) : data;
}

/** The element that is furthest off; error 0 where the tensors are equal. Shapes must be. */
export function worstElement(got: HostTensor, want: HostTensor): WorstElement {
  const [a, b] = [numbers(got), numbers(want)];
  let squares = 0;
  for (let i = 0; i < b.length; i++) squares += b[i]! ** 2;
  const rms = Math.sqrt(squares / Math.max(1, b.length));
  let worst: WorstElement = { error: 0, index: 0, got: a[0] ?? 0, want: b[0] ?? 0 };
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i]) || a[i] === b[i]) continue;
    const relative = Math.abs(a[i]! - b[i]!) / Math.max(Math.abs(b[i]!), Number.isFinite(rms) ? rms : 0);
    const error = Number.isNaN(relative) ? Infinity : relative;
    if (error > worst.error) worst = { error, index: i, got: a[i]!, want: b[i]! };
  }
  return worst;
}
