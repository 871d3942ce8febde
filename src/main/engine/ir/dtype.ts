/** Element types of a tensor in a graph. `bool` is one byte, 0 or 1. */
export type DType = 'f32' | 'f16' | 'bf16' | 'i32' | 'bool';

const BYTES: { readonly [K in DType]: number } = { f32: 4, f16: 2, bf16: 2, i32: 4, bool: 1 };

/** Bytes of one element. */
export function byteSize(dtype: DType): number {
  return BYTES[dtype];
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'f32' || dtype === 'f16' || dtype === 'bf16';
}
