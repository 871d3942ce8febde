/** Calls `act` soon after it was asked for: at once after a pause, and never more often than every `interval` milliseconds. */
export class Paced {
  readonly #interval: number;
  readonly #act: () => void;
  #timer: NodeJS.Timeout | null = null;
  #last = -Infinity;

  constructor(interval: number, act: () => void) {
    this.#interval = interval;
    this.#act = act;
  }

  ask(): void {
    if (this.#timer !== null) return;
    const wait = this.#last + this.#interval - performance.now();
    if (wait <= 0) this.#run();
    else this.#timer = setTimeout(() => this.#run(), wait);
  }

  /** Acts now, and not again for what was asked before. */
  flush(): void {
    this.close();
    this.#run();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #run(): void {
    this.#timer = null;
    this.#last = performance.now();
    this.#act();
  }
}
