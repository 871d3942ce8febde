import type { Outputs } from '../../backend.ts';
import type { CudaContext } from '../driver/context.ts';
import type { PinnedBuffer } from '../driver/memory.ts';
import type { CudaEvent, CudaStream } from '../driver/stream.ts';

/** A timer fires a millisecond late or more. So this long, and about as long around the moment when the last wait ended, each turn of the loop asks. */
const EAGER_MS = 4;

/** Pinned memory through which one run's feeds go to the device and its outputs come back. */
export class StagedRun {
  readonly #memory: PinnedBuffer;
  readonly #done: CudaEvent;
  /** Milliseconds that the last wait took: runs of one program are alike. */
  #lastWait = 0;
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
    let waited = 0;
    while (!this.#done.done()) {
      const soon = waited < EAGER_MS || Math.abs(waited - this.#lastWait) < EAGER_MS;
      await new Promise<void>((resolve) => (soon ? setImmediate(resolve) : setTimeout(resolve, 1)));
      waited = performance.now() - start;
    }
    this.#lastWait = waited;
  }
}
