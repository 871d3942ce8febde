import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds in which a page that changes a setting asks for the rows it shows and for the counts, in either order. */
const MOMENT = 25;

/** Lets what fills the screen go before what goes through everything: both want the same processor. */
export class ScreenFirst {
  #showing = 0;
  #waiting: (() => void)[] = [];

  /** @returns to be called once it is shown, or given up */
  show(): () => void {
    this.#showing++;
    return () => {
      this.#showing--;
      if (this.#showing > 0) return;
      for (const go of this.#waiting.splice(0)) go();
    };
  }

  /** Resolves when nothing is being shown. */
  async afterwards(): Promise<void> {
    await sleep(MOMENT);
    while (this.#showing > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
