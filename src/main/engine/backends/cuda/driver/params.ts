import koffi from 'koffi';

/** One kernel parameter, or one field of a parameter struct. */
export type ParamType = 'map' | 'ptr' | 'u64' | 'i64' | 'u32' | 'i32' | 'f32';

/** `map`: a tensor map (tensor-map.ts). Types are aligned to their size. */
const SIZE: Readonly<Record<ParamType, number>> = { map: 128, ptr: 8, u64: 8, i64: 8, u32: 4, i32: 4, f32: 4 };

// CU_LAUNCH_PARAM_* keys of cuLaunchKernel's `extra` (cuda.h)
const BUFFER_POINTER = 1n;
const BUFFER_SIZE = 2n;

/**
 * A kernel's parameters in the driver's packed form: fields in order at their natural alignment, which is also how C
 * lays out a struct. Build once, then overwrite values with `set`: nothing is allocated at launch.
 * The driver copies the bytes during the launch call, so one object may serve many launches in turn.
 */
export class KernelParams {
  readonly types: readonly ParamType[];
  readonly offsets: readonly number[];
  /** Total bytes, without padding after the last field. */
  readonly byteLength: number;
  /** Address of the `extra` list handed to cuLaunchKernel, or 0 with `pointers`. */
  readonly extra: bigint;
  /** Address of the `kernelParams` list (an address for each argument), or 0 with `extra`. */
  readonly pointers: bigint;
  readonly #data: DataView;
  // Kept because only their addresses are known to the driver.
  readonly #keep: readonly ArrayBuffer[];

  /**
   * @param starts fields with which the kernel's arguments begin, when it has several and one of them holds tensor maps: the compiler
   * then places arguments as it likes, so the driver has to put each in its place
   */
  constructor(types: readonly ParamType[], starts?: readonly number[]) {
    this.types = types;
    this.offsets = fieldOffsets(types);
    this.byteLength = types.length === 0 ? 0 : this.offsets.at(-1)! + SIZE[types.at(-1)!];
    // ArrayBuffer, not a small typed array: its memory is off the JavaScript heap and never moves.
    const data = new ArrayBuffer(Math.max(8, this.byteLength));
    const size = new BigUint64Array(new ArrayBuffer(8));
    const extra = new BigUint64Array(new ArrayBuffer(40));
    size[0] = BigInt(this.byteLength);
    extra.set([BUFFER_POINTER, koffi.address(data), BUFFER_SIZE, koffi.address(size.buffer), 0n]);
    const list = new BigUint64Array(new ArrayBuffer(8 * Math.max(1, starts?.length ?? 0)));
    starts?.forEach((field, index) => (list[index] = koffi.address(data) + BigInt(this.offsets[field]!)));
    this.#data = new DataView(data);
    this.#keep = [data, size.buffer, extra.buffer, list.buffer];
    this.extra = starts ? 0n : koffi.address(extra.buffer);
    this.pointers = starts ? koffi.address(list.buffer) : 0n;
  }

  /** Parameters of these types with these values. */
  static of(...fields: readonly (readonly [ParamType, number | bigint | Uint8Array])[]): KernelParams {
    return KernelParams.filled(fields);
  }

  static filled(fields: readonly (readonly [ParamType, number | bigint | Uint8Array])[], starts?: readonly number[]): KernelParams {
    const params = new KernelParams(
      fields.map(([type]) => type),
      starts,
    );
    fields.forEach(([, value], index) => params.set(index, value));
    return params;
  }

  /** Overwrites field `index`; integers may be given as number or bigint, a tensor map as its bytes. */
  set(index: number, value: number | bigint | Uint8Array): this {
    const offset = this.offsets[index]!;
    const type = this.types[index]!;
    if (typeof value === 'object') new Uint8Array(this.#data.buffer, offset, SIZE[type]).set(value);
    else if (type === 'f32') this.#data.setFloat32(offset, Number(value), true);
    else if (SIZE[type] === 4) this.#data.setUint32(offset, Number(value) >>> 0, true);
    else this.#data.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
    return this;
  }

  /** A copy of the packed bytes (for tests and dumps). */
  bytes(): Uint8Array {
    return new Uint8Array(this.#keep[0]!.slice(0, this.byteLength));
  }
}

function fieldOffsets(types: readonly ParamType[]): number[] {
  let end = 0;
  return types.map((type) => {
    const offset = Math.ceil(end / SIZE[type]) * SIZE[type];
    end = offset + SIZE[type];
    return offset;
  });
}
