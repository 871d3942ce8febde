/** @file What one rendering of a chat template may cost, and the errors it ends with. */

/** An error of the template itself (its own `raise_exception`, a type error, an undefined name). */
export class TemplateError extends Error {}

/** The template exceeded what one rendering may cost. */
export class TemplateLimitError extends TemplateError {}

// What the rendering in progress may still spend. Module state, because every comparison and every print is charged
// and a forgotten parameter would be a hole; safe, because a rendering is synchronous and never nested.
let stepsLeft = 0;
let maxLength = 0;

/**
 * Runs one rendering with an allowance of evaluation steps. Characters and list elements that an operation reads or
 * makes cost steps too, so neither loops nor doubling strings can exhaust time or memory, and the same row fails on
 * every machine (a clock would not give that). `longest` bounds any one string or list.
 * @throws TemplateLimitError from within, once the allowance is spent.
 */
export function metered<T>(steps: number, longest: number, run: () => T): T {
  stepsLeft = steps;
  maxLength = longest;
  try {
    return run();
  } finally {
    stepsLeft = 0;
  }
}

/** Steps that `run` costs: what tests of charges look at. */
export function costOf(run: () => unknown): number {
  const before = stepsLeft;
  run();
  return before - stepsLeft;
}

export function spend(steps: number): void {
  stepsLeft -= steps;
  // Written so that a cost that is no number ends the rendering too.
  if (!(stepsLeft >= 0)) throw new TemplateLimitError('the template does not end: it exceeded the work allowed for one row');
}

/** Charges for making or reading a string of `size` UTF-16 units, or a list of `size` elements. */
export function grow(size: number): void {
  checkLength(size);
  spend(1 + size / 16);
}

/** Refuses any one value of more than the rendering's longest length. */
export function checkLength(size: number): void {
  if (size <= maxLength) return;
  throw new TemplateLimitError(`the template makes a value of ${size} characters or elements (limit ${maxLength})`);
}

/** Charges for a list of `size` elements each of which is made anew: some ten times the work of one that is copied. */
export function makeEach(size: number): void {
  checkLength(size);
  spend(1 + size / 2);
}
