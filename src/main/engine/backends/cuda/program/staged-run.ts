import type { Outputs } from '../../backend.ts';
import type { CudaContext } from '../driver/context.ts';
import type { PinnedBuffer } from '../driver/memory.ts';
import type { CudaEvent, CudaStream } from '../driver/stream.ts';

/** Polls this long without giving the thread up to timers, so that short programs (a generated token) answer at once. */
const EAGER_POLL_MS = 4;

/** Pinned memory through which one run's feeds go to the device and its outputs come back. */
export class StagedRun {
  readonly #memory: PinnedBuffer;
  readonly #done: CudaEvent;
  /** Gives the outputs of the run that the memory belongs to. */
  #take: (() => Promise<Outputs>) | null = null;

  constructor(context: CudaContext, bytes: number) {
    this.#memory = context.pinned(bytes);
    this.#done = context.event();
  }

  get bytes(): Uint8Array {
    return this.#memory.bytes;
  }

  /** Called when the whole run is on the stream. @param outputs copies them out of the memory */
  begin(stream: CudaStream, outputs: (bytes: Uint8Array) => Outputs): () => Promise<Outputs> {
    stream.record(this.#done);
    let taken: Promise<Outputs> | null = null;
    const take = () => (taken ??= this.#finished().then(() => outputs(this.bytes)));
    this.#take = take;
    return take;
  }

  /** Resolves when another run may use the memory: outputs that nobody has read are kept for whoever will. */
  async free(): Promise<void> {
    const take = this.#take;
    this.#take = null;
    // A run that failed tells its reader, not the next run.
    await take?.().catch(() => undefined);
  }

  dispose(): void {
    this.#memory.dispose();
    this.#done.dispose();
  }

  async #finished(): Promise<void> {
    const start = performance.now();
    while (!this.#done.done()) {
      const soon = performance.now() - start < EAGER_POLL_MS;
      await new Promise<void>((resolve) => (soon ? setImmediate(resolve) : setTimeout(resolve, 1)));
    }
  }
}
