import type { DriverLibrary } from './library.ts';

/** What a graph needs of a stream. */
interface StreamHandle {
  readonly handle: bigint;
}

/** A captured sequence of work, launched with one call. */
export class CudaGraph implements Disposable {
  /** Kernels, copies and fills in the graph. */
  readonly nodeCount: number;
  readonly #driver: DriverLibrary;
  readonly #executable: bigint;
  #live = true;

  private constructor(driver: DriverLibrary, executable: bigint, nodeCount: number) {
    this.#driver = driver;
    this.#executable = executable;
    this.nodeCount = nodeCount;
  }

  /** Takes ownership of the captured `graph`, whose template is destroyed: only the executable is kept. */
  static instantiate(driver: DriverLibrary, graph: bigint): CudaGraph {
    const { cu } = driver;
    try {
      const count = new BigUint64Array(1);
      driver.check('cuGraphGetNodes', cu.cuGraphGetNodes(graph, null, count));
      const out = new BigUint64Array(1);
      const status = cu.cuGraphInstantiateWithFlags?.(out, graph, 0n) ?? cu.cuGraphInstantiate_v2?.(out, graph, null, null, 0n);
      driver.check(`cuGraphInstantiate(${count[0]!} nodes)`, status ?? 500);
      return new CudaGraph(driver, out[0]!, Number(count[0]!));
    } finally {
      cu.cuGraphDestroy(graph);
    }
  }

  launch(stream: StreamHandle): void {
    this.#driver.check('cuGraphLaunch', this.#driver.cu.cuGraphLaunch(this.#executable, stream.handle));
  }

  /** Moves the graph to the device ahead of its first launch; does nothing on drivers without that call. */
  upload(stream: StreamHandle): void {
    const status = this.#driver.cu.cuGraphUpload?.(this.#executable, stream.handle) ?? 0;
    this.#driver.check('cuGraphUpload', status);
  }

  dispose(): void {
    if (!this.#live) return;
    this.#live = false;
    this.#driver.check('cuGraphExecDestroy', this.#driver.cu.cuGraphExecDestroy(this.#executable));
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
