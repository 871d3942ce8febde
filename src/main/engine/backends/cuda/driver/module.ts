import koffi from 'koffi';
import { AppError } from '../../../../../shared/lib/app-error.ts';
import type { DriverLibrary } from './library.ts';
import type { DevicePointer } from './memory.ts';

// CUjit_option and CUfunction_attribute (cuda.h)
const JIT_ERROR_LOG = 5;
const JIT_ERROR_LOG_BYTES = 6;
const FUNCTION = { maxThreads: 0, staticSharedBytes: 1, localBytes: 3, registers: 4, maxDynamicSharedBytes: 8 } as const;
/** Dynamic shared memory a block gets without asking. */
const DEFAULT_SHARED_BYTES = 48 * 1024;
const LOG_BYTES = 16 * 1024;

/** An entry point of a loaded module. Valid until its module is disposed. */
export class KernelFunction {
  readonly handle: bigint;
  readonly name: string;
  readonly #driver: DriverLibrary;

  constructor(driver: DriverLibrary, handle: bigint, name: string) {
    this.#driver = driver;
    this.handle = handle;
    this.name = name;
  }

  attribute(key: keyof typeof FUNCTION): number {
    const out = new Int32Array(1);
    const status = this.#driver.cu.cuFuncGetAttribute(out, FUNCTION[key], this.handle);
    this.#driver.check(`cuFuncGetAttribute(${this.name}, ${key})`, status);
    return out[0]!;
  }

  /** Lets launches use up to `bytes` of dynamic shared memory; needed once, before the first launch over 48 KiB. */
  allowSharedBytes(bytes: number): this {
    if (bytes <= DEFAULT_SHARED_BYTES) return this;
    const status = this.#driver.cu.cuFuncSetAttribute(this.handle, FUNCTION.maxDynamicSharedBytes, bytes);
    this.#driver.check(`cuFuncSetAttribute(${this.name}, ${bytes} bytes of shared memory)`, status);
    return this;
  }

  /** Blocks of this size that fit one multiprocessor at a time. */
  residentBlocks(threads: number, sharedBytes: number): number {
    const out = new Int32Array(1);
    const query = this.#driver.cu.cuOccupancyMaxActiveBlocksPerMultiprocessor;
    this.#driver.check(`occupancy of ${this.name}`, query(out, this.handle, threads, BigInt(sharedBytes)));
    return out[0]!;
  }
}

/** Loaded device code: a cubin, or PTX that the driver compiles now. */
export class CudaModule implements Disposable {
  readonly #driver: DriverLibrary;
  readonly #handle: bigint;
  readonly #functions = new Map<string, KernelFunction>();
  #live = true;

  /**
   * @param image PTX text, or a cubin's bytes
   * @param label names it in errors
   * @throws AppError `CUDA-MODULE` with the driver's compile log when it cannot be loaded
   */
  constructor(driver: DriverLibrary, image: string | Uint8Array, label: string) {
    this.#driver = driver;
    this.#handle = loadImage(driver, image, label);
  }

  /** @throws AppError when the module has no such entry point */
  function(name: string): KernelFunction {
    const known = this.#functions.get(name);
    if (known !== undefined) return known;
    const out = new BigUint64Array(1);
    this.#driver.check(`cuModuleGetFunction(${name})`, this.#driver.cu.cuModuleGetFunction(out, this.#handle, name));
    const found = new KernelFunction(this.#driver, out[0]!, name);
    this.#functions.set(name, found);
    return found;
  }

  /** Address and size of a `.global` variable. */
  global(name: string): { readonly pointer: DevicePointer; readonly byteLength: number } {
    const pointer = new BigUint64Array(1);
    const bytes = new BigUint64Array(1);
    const status = this.#driver.cu.cuModuleGetGlobal_v2(pointer, bytes, this.#handle, name);
    this.#driver.check(`cuModuleGetGlobal(${name})`, status);
    return { pointer: pointer[0]!, byteLength: Number(bytes[0]!) };
  }

  dispose(): void {
    if (!this.#live) return;
    this.#live = false;
    this.#driver.check('cuModuleUnload', this.#driver.cu.cuModuleUnload(this.#handle));
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function loadImage(driver: DriverLibrary, image: string | Uint8Array, label: string): bigint {
  // PTX is read as a C string. Cubins carry their own length.
  const bytes = typeof image === 'string' ? Buffer.from(`${image}\0`) : image;
  const log = Buffer.alloc(LOG_BYTES);
  const out = new BigUint64Array(1);
  // Option values are pointer-sized: the log's address, then its size as an integer in a pointer's place.
  const options = new Int32Array([JIT_ERROR_LOG, JIT_ERROR_LOG_BYTES]);
  const values = new BigUint64Array([koffi.address(log), BigInt(LOG_BYTES)]);
  const status = driver.cu.cuModuleLoadDataEx(out, bytes, options.length, options, values);
  if (status === 0) return out[0]!;
  const end = log.indexOf(0);
  const text = log.toString('utf8', 0, end < 0 ? LOG_BYTES : end).trim();
  try {
    driver.check(`cuModuleLoadDataEx(${label})`, status);
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    const message = text === '' ? cause.message : `${cause.message} The driver's log: ${text}`;
    throw new AppError({ code: 'CUDA-MODULE', message, data: { label, status, log: text }, remedy: cause.remedy }, cause);
  }
  throw new Error('unreachable: check returned for a failed status');
}
