import koffi from 'koffi';
import type { DriverLibrary } from './library.ts';

/** A row-major matrix of bf16 and the box that one copy brings into shared memory. */
export interface TensorMapSpec {
  readonly address: bigint;
  /** Elements of a row, and rows. */
  readonly columns: number;
  readonly rows: number;
  /** Elements from row to row; a multiple of 8. */
  readonly leading: number;
  readonly boxRows: number;
}

/** Bytes of CUtensorMap, and what its address must be a multiple of. */
export const TENSOR_MAP_BYTES = 128;
const ALIGNMENT = 64;
/** Of a box's row: 128 bytes, the width of the swizzle. */
export const BOX_COLUMNS = 64;

// CUtensorMap* enumerations (cuda.h)
const BFLOAT16 = 9;
const NO_INTERLEAVE = 0;
const SWIZZLE_128B = 3;
const L2_256B = 3;
const FILL_ZEROS = 0;

/** Whether the driver can describe matrices to the copy engine (CUDA 12). */
export function hasTensorMaps(driver: DriverLibrary): boolean {
  return driver.cu.cuTensorMapEncodeTiled !== undefined;
}

/**
 * The descriptor that a kernel takes as a parameter; what a box has outside the matrix is filled with zeros.
 * @throws AppError when the driver refuses the sizes
 */
export function encodeTensorMap(driver: DriverLibrary, spec: TensorMapSpec): Uint8Array {
  const memory = new ArrayBuffer(TENSOR_MAP_BYTES + ALIGNMENT);
  const skip = (ALIGNMENT - Number(koffi.address(memory) % BigInt(ALIGNMENT))) % ALIGNMENT;
  const { address, columns, rows, leading, boxRows } = spec;
  const sizes = BigUint64Array.of(BigInt(columns), BigInt(rows));
  const strides = BigUint64Array.of(BigInt(leading * 2));
  const box = Uint32Array.of(BOX_COLUMNS, boxRows);
  const steps = Uint32Array.of(1, 1);
  const out = koffi.address(memory) + BigInt(skip);
  const status = driver.cu.cuTensorMapEncodeTiled!(
    out,
    BFLOAT16,
    2,
    address,
    sizes,
    strides,
    box,
    steps,
    NO_INTERLEAVE,
    SWIZZLE_128B,
    L2_256B,
    FILL_ZEROS,
  );
  driver.check(`cuTensorMapEncodeTiled(${rows} rows of ${columns}, ${leading} apart, box of ${boxRows} rows)`, status);
  return new Uint8Array(memory, skip, TENSOR_MAP_BYTES);
}
