import type { DriverLibrary } from './library.ts';

/** Device address. Arithmetic on it is plain bigint arithmetic, in bytes. */
export type DevicePointer = bigint;

/** A block of device memory that is owned: freed by `dispose`, never by the garbage collector. */
export class DeviceBuffer implements Disposable {
  readonly pointer: DevicePointer;
  readonly byteLength: number;
  readonly #driver: DriverLibrary;
  #live = true;

  constructor(driver: DriverLibrary, byteLength: number) {
    const out = new BigUint64Array(1);
    // cuMemAlloc refuses 0; an empty tensor still needs an address.
    const bytes = BigInt(Math.max(1, byteLength));
    driver.check(`cuMemAlloc(${byteLength} bytes)`, driver.cu.cuMemAlloc_v2(out, bytes));
    this.#driver = driver;
    this.pointer = out[0]!;
    this.byteLength = byteLength;
  }

  /** Copies host bytes in; returns when they are there, for every stream. */
  upload(source: ArrayBufferView, byteOffset = 0): void {
    this.#bound('upload', byteOffset, source.byteLength);
    if (source.byteLength === 0) return;
    const target = this.pointer + BigInt(byteOffset);
    this.#driver.check('cuMemcpyHtoD', this.#driver.cu.cuMemcpyHtoD_v2(target, source, BigInt(source.byteLength)));
    // A small copy from ordinary memory returns when the driver has it, maybe before the device does. Our streams do not wait for the
    // default stream, so a kernel could overtake it (seen on an H100 beside four other processes).
    this.#driver.check('cuStreamSynchronize(default stream)', this.#driver.cu.cuStreamSynchronize(0n));
  }

  /** Fills `target` from this buffer; waits for all earlier work of the default stream only, so synchronise first. */
  download<T extends ArrayBufferView>(target: T, byteOffset = 0): T {
    this.#bound('download', byteOffset, target.byteLength);
    if (target.byteLength === 0) return target;
    const source = this.pointer + BigInt(byteOffset);
    this.#driver.check('cuMemcpyDtoH', this.#driver.cu.cuMemcpyDtoH_v2(target, source, BigInt(target.byteLength)));
    return target;
  }

  dispose(): void {
    if (!this.#live) return;
    this.#live = false;
    this.#driver.check('cuMemFree', this.#driver.cu.cuMemFree_v2(this.pointer));
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #bound(what: string, offset: number, bytes: number): void {
    if (!this.#live) throw new RangeError(`${what} on a disposed device buffer`);
    if (offset >= 0 && offset + bytes <= this.byteLength) return;
    throw new RangeError(`${what} of ${bytes} bytes at ${offset} leaves a device buffer of ${this.byteLength} bytes`);
  }
}

/**
 * Page-locked host memory, for copies that run beside kernels. It is an ordinary ArrayBuffer registered with the
 * driver, because memory from outside V8's cage cannot be wrapped in an ArrayBuffer under Electron.
 */
export class PinnedBuffer implements Disposable {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #driver: DriverLibrary;
  #live = true;

  constructor(driver: DriverLibrary, byteLength: number) {
    this.#driver = driver;
    this.bytes = new Uint8Array(new ArrayBuffer(byteLength));
    const status = driver.cu.cuMemHostRegister_v2(this.bytes, BigInt(byteLength), 0);
    driver.check(`cuMemHostRegister(${byteLength} bytes)`, status);
  }

  dispose(): void {
    if (!this.#live) return;
    this.#live = false;
    this.#driver.check('cuMemHostUnregister', this.#driver.cu.cuMemHostUnregister(this.bytes));
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
