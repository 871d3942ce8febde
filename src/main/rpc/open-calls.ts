import { AppError } from '../../shared/lib/app-error.ts';

/** Calls and streams of one page at once, and of all pages together: each holds memory, and some hold an engine. */
const MOST_OF_A_PAGE = 100;
const MOST = 400;

let all = 0;

/** The calls of one page that are not answered yet, streams for as long as they last. */
export class OpenCalls {
  #open = 0;

  /** @returns to be called once it has been answered. @throws AppError TOO-MANY-CALLS */
  enter(): () => void {
    if (this.#open >= MOST_OF_A_PAGE || all >= MOST) {
      throw new AppError({
        code: 'TOO-MANY-CALLS',
        message: `${this.#open >= MOST_OF_A_PAGE ? 'This page waits' : 'All pages together wait'} for more answers than are given at once.`,
        remedy: 'Close pages that are not needed, or reload this one.',
      });
    }
    this.#open += 1;
    all += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#open -= 1;
      all -= 1;
    };
  }
}
