/**
 * @file The CUDA driver, as little of it as the engine needs, over koffi. Start here:
 *
 *     const found = openDevice();                        // device.ts: facts, or a plain reason; never throws
 *     if (!found.ok) return found.reason.message;
 *     const context = CudaContext.open(found.driver, found.facts);
 *     const module = context.module(ptxTextOrCubin, 'name');   // CUDA-MODULE error carries the driver's log
 *     const kernel = module.function('silu').allowSharedBytes(65536);
 *     const params = KernelParams.of(['ptr', x.pointer], ['u32', n]);   // params.ts: packed once, `set` to change
 *     const stream = context.stream();
 *     stream.launch(kernel, { grid: [8, 1, 1], block: [256, 1, 1], sharedBytes: 0 }, params);
 *     const graph = stream.capture(() => { stream.launch(...); });      // graph.launch(stream), 1 call for all
 *     await stream.whenIdle();                           // or stream.synchronize()
 *
 * Every handle has `dispose()`; nothing is freed by the garbage collector. All of one context is used from one thread.
 * Every failed call throws AppError `CUDA-DRIVER-<status>` (out of memory is 2) through `DriverLibrary.check`.
 */
import type { DeviceFacts } from './device.ts';
import type { DriverLibrary } from './library.ts';
import { DeviceBuffer, PinnedBuffer } from './memory.ts';
import { CudaModule } from './module.ts';
import { CudaEvent, CudaStream } from './stream.ts';

/** The device's primary context, current on this thread. Shared with other libraries in the process (cuBLASLt). */
export class CudaContext implements Disposable {
  readonly driver: DriverLibrary;
  readonly facts: DeviceFacts;
  #live = true;

  private constructor(driver: DriverLibrary, facts: DeviceFacts) {
    this.driver = driver;
    this.facts = facts;
  }

  /** Retains the primary context and makes it current on this thread; takes 200 to 600 MiB of GPU memory. */
  static open(driver: DriverLibrary, facts: DeviceFacts): CudaContext {
    const out = new BigUint64Array(1);
    driver.check('cuDevicePrimaryCtxRetain', driver.cu.cuDevicePrimaryCtxRetain(out, facts.ordinal));
    driver.check('cuCtxSetCurrent', driver.cu.cuCtxSetCurrent(out[0]!));
    return new CudaContext(driver, facts);
  }

  stream(): CudaStream {
    return new CudaStream(this.driver);
  }

  event(): CudaEvent {
    return new CudaEvent(this.driver);
  }

  module(image: string | Uint8Array, label: string): CudaModule {
    return new CudaModule(this.driver, image, label);
  }

  /** Uninitialised device memory, 256-byte aligned. */
  allocate(byteLength: number): DeviceBuffer {
    return new DeviceBuffer(this.driver, byteLength);
  }

  pinned(byteLength: number): PinnedBuffer {
    return new PinnedBuffer(this.driver, byteLength);
  }

  /** Bytes free and in all on the device now, other programs counted. */
  memory(): { readonly freeBytes: number; readonly totalBytes: number } {
    const free = new BigUint64Array(1);
    const total = new BigUint64Array(1);
    this.driver.check('cuMemGetInfo', this.driver.cu.cuMemGetInfo_v2(free, total));
    return { freeBytes: Number(free[0]!), totalBytes: Number(total[0]!) };
  }

  /** Waits for all streams. */
  synchronize(): void {
    this.driver.check('cuCtxSynchronize', this.driver.cu.cuCtxSynchronize());
  }

  dispose(): void {
    if (!this.#live) return;
    this.#live = false;
    const status = this.driver.cu.cuDevicePrimaryCtxRelease_v2(this.facts.ordinal);
    this.driver.check('cuDevicePrimaryCtxRelease', status);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
