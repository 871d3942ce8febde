import { AppError } from '../../../../../shared/lib/app-error.ts';
import { CudaGraph } from './graph.ts';
import type { DriverLibrary } from './library.ts';
import type { DevicePointer } from './memory.ts';
import type { KernelFunction } from './module.ts';
import type { KernelParams } from './params.ts';
import { STATUS } from './status.ts';

const NON_BLOCKING = 1;
const CAPTURE_THREAD_LOCAL = 1;

export type Dim3 = readonly [x: number, y: number, z: number];

/** Launch shape; `sharedBytes` is dynamic shared memory. */
export interface LaunchShape {
  readonly grid: Dim3;
  readonly block: Dim3;
  readonly sharedBytes: number;
}

/** A point in a stream; measures time between two of them. */
export class CudaEvent implements Disposable {
  readonly handle: bigint;
  readonly #driver: DriverLibrary;
  #live = true;

  constructor(driver: DriverLibrary) {
    const out = new BigUint64Array(1);
    driver.check('cuEventCreate', driver.cu.cuEventCreate(out, 0));
    this.#driver = driver;
    this.handle = out[0]!;
  }

  /** Whether the stream has got past it. */
  done(): boolean {
    const status = this.#driver.cu.cuEventQuery(this.handle);
    if (status === STATUS.notReady) return false;
    this.#driver.check('cuEventQuery', status);
    return true;
  }

  synchronize(): void {
    this.#driver.check('cuEventSynchronize', this.#driver.cu.cuEventSynchronize(this.handle));
  }

  /** Milliseconds from `earlier` to this event; both must have completed. */
  since(earlier: CudaEvent): number {
    const out = new Float32Array(1);
    const status = this.#driver.cu.cuEventElapsedTime(out, earlier.handle, this.handle);
    this.#driver.check('cuEventElapsedTime', status);
    return out[0]!;
  }

  dispose(): void {
    if (!this.#live) return;
    this.#live = false;
    this.#driver.check('cuEventDestroy', this.#driver.cu.cuEventDestroy_v2(this.handle));
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A non-blocking stream: work runs in order, beside other streams and the host. */
export class CudaStream implements Disposable {
  readonly handle: bigint;
  readonly #driver: DriverLibrary;
  #live = true;

  constructor(driver: DriverLibrary) {
    const out = new BigUint64Array(1);
    driver.check('cuStreamCreate', driver.cu.cuStreamCreate(out, NON_BLOCKING));
    this.#driver = driver;
    this.handle = out[0]!;
  }

  /** @throws AppError naming the kernel and its launch shape when the driver refuses it */
  launch(kernel: KernelFunction, shape: LaunchShape, params: KernelParams): void {
    const [gx, gy, gz] = shape.grid;
    const [bx, by, bz] = shape.block;
    const launch = this.#driver.cu.cuLaunchKernel;
    const status = launch(kernel.handle, gx, gy, gz, bx, by, bz, shape.sharedBytes, this.handle, params.pointers, params.extra);
    if (status === STATUS.success) return;
    const where = `grid ${shape.grid.join('x')}, block ${shape.block.join('x')}, ${shape.sharedBytes} shared bytes`;
    this.#driver.check(`cuLaunchKernel(${kernel.name}; ${where}; ${params.byteLength} parameter bytes)`, status);
  }

  /** Host to device. Runs beside the host only when `source` is pinned; keep `source` alive and unchanged until done. */
  upload(target: DevicePointer, source: ArrayBufferView): void {
    const status = this.#driver.cu.cuMemcpyHtoDAsync_v2(target, source, BigInt(source.byteLength), this.handle);
    this.#driver.check('cuMemcpyHtoDAsync', status);
  }

  /** Device to host; `target` is filled once the stream has got there. */
  download(target: ArrayBufferView, source: DevicePointer): void {
    const status = this.#driver.cu.cuMemcpyDtoHAsync_v2(target, source, BigInt(target.byteLength), this.handle);
    this.#driver.check('cuMemcpyDtoHAsync', status);
  }

  copy(target: DevicePointer, source: DevicePointer, byteLength: number): void {
    const status = this.#driver.cu.cuMemcpyDtoDAsync_v2(target, source, BigInt(byteLength), this.handle);
    this.#driver.check('cuMemcpyDtoDAsync', status);
  }

  fill8(target: DevicePointer, value: number, byteLength: number): void {
    const status = this.#driver.cu.cuMemsetD8Async(target, value, BigInt(byteLength), this.handle);
    this.#driver.check('cuMemsetD8Async', status);
  }

  /** Fills `count` 32-bit words; `target` must be 4-byte aligned. */
  fill32(target: DevicePointer, value: number, count: number): void {
    const status = this.#driver.cu.cuMemsetD32Async(target, value >>> 0, BigInt(count), this.handle);
    this.#driver.check('cuMemsetD32Async', status);
  }

  record(event: CudaEvent): void {
    this.#driver.check('cuEventRecord', this.#driver.cu.cuEventRecord(event.handle, this.handle));
  }

  /** Later work of this stream waits for `event`. */
  wait(event: CudaEvent): void {
    this.#driver.check('cuStreamWaitEvent', this.#driver.cu.cuStreamWaitEvent(this.handle, event.handle, 0));
  }

  /** Blocks this thread until all work so far is done; the first place where a kernel's fault shows. */
  synchronize(): void {
    this.#driver.check('cuStreamSynchronize', this.#driver.cu.cuStreamSynchronize(this.handle));
  }

  /** Whether all work so far is done. */
  idle(): boolean {
    const status = this.#driver.cu.cuStreamQuery(this.handle);
    if (status === STATUS.notReady) return false;
    this.#driver.check('cuStreamQuery', status);
    return true;
  }

  /** Resolves when all work so far is done, leaving the event loop free. Resolution about 1 ms. */
  async whenIdle(): Promise<void> {
    // oxlint-disable-next-line no-await-in-loop -- polling is the point
    while (!this.idle()) await new Promise<void>((resolve) => setTimeout(resolve, 1));
  }

  /**
   * Records what `work` enqueues on this stream, without running it, into a graph ready to launch.
   * Inside, no allocation, synchronisation or module load is allowed (thread-local capture).
   */
  capture(work: () => void): CudaGraph {
    const { cu } = this.#driver;
    this.#driver.check('cuStreamBeginCapture', cu.cuStreamBeginCapture_v2(this.handle, CAPTURE_THREAD_LOCAL));
    const graph = new BigUint64Array(1);
    try {
      work();
    } catch (error) {
      // The stream must leave capture mode whatever happened; the first error is the one to tell.
      if (cu.cuStreamEndCapture(this.handle, graph) === STATUS.success && graph[0] !== 0n) cu.cuGraphDestroy(graph[0]!);
      throw error;
    }
    this.#driver.check('cuStreamEndCapture', cu.cuStreamEndCapture(this.handle, graph));
    if (graph[0] === 0n) throw new AppError({ code: 'CUDA-CAPTURE', message: 'The graph capture gave no graph.' });
    return CudaGraph.instantiate(this.#driver, graph[0]!);
  }

  dispose(): void {
    if (!this.#live) return;
    this.#live = false;
    this.#driver.check('cuStreamDestroy', this.#driver.cu.cuStreamDestroy_v2(this.handle));
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
