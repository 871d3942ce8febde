/** @file Seeded inputs and the float64 reference for the GPU checks. */

export type Dtype = 'bf16' | 'f32';

/** Small deterministic generator (mulberry32): uniform in [0, 1). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** A host array of a device dtype: bf16 as its 16 bits. */
export type HostArray = Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

export function emptyArray(dtype: Dtype, length: number): HostArray {
  return dtype === 'bf16' ? new Uint16Array(length) : new Float32Array(length);
}

/** Every element a NaN: what a kernel leaves unwritten shows. */
export function poisonedArray(dtype: Dtype, length: number): HostArray {
  return dtype === 'bf16' ? new Uint16Array(length).fill(0xffff) : new Float32Array(length).fill(Number.NaN);
}

/** Uniform in [-1, 1), exactly representable in the dtype. */
export function randomArray(dtype: Dtype, length: number, random: () => number): HostArray {
  const out = emptyArray(dtype, length);
  for (let index = 0; index < length; index += 1) {
    word[0] = random() * 2 - 1;
    out[index] = dtype === 'bf16' ? bits[0]! >>> 16 : word[0]!;
  }
  return out;
}

export function valueAt(array: HostArray, index: number): number {
  if (array instanceof Float32Array) return array[index]!;
  bits[0] = array[index]! << 16;
  return word[0]!;
}
