/** From callbacks to `for await`: what is pushed waits until it is taken. One consumer; leaving its loop calls `onLeave`. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #onLeave: () => void;
  #wake: (() => void) | null = null;
  #end: { readonly error: unknown } | null = null;
  #failed = false;

  constructor(onLeave: () => void = () => undefined) {
    this.#onLeave = onLeave;
  }

  push(item: T): void {
    if (this.#end !== null) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** The consumer's loop ends once it has taken everything. */
  end(): void {
    this.#end ??= { error: null };
    this.#wake?.();
  }

  /** The consumer's loop throws `error` once it has taken everything. */
  fail(error: unknown): void {
    if (this.#end !== null) return;
    this.#failed = true;
    this.#end = { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    try {
      for (;;) {
        while (this.#items.length > 0) yield this.#items.shift()!;
        if (this.#end !== null) {
          if (this.#failed) throw this.#end.error;
          return;
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    } finally {
      this.#end ??= { error: null };
      this.#onLeave();
    }
  }
}
