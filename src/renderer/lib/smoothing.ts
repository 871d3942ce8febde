/**
 * @file Exponential moving average of a curve, corrected for its start as Adam's moments are (Kingma and Ba 2015, section 3): the
 * first value is itself, a constant stays itself, and the weights of what has been seen always add up to one.
 */

/** The past that counts most, as a share of the planned steps, and at most in steps. */
const SHARE = 1 / 40;
const MOST_STEPS = 100;

/** Weight of the past for a run of so many steps: one of 50 steps is hardly smoothed, one of thousands over the last hundred. */
export function smoothingFor(totalSteps: number): number {
  const window = Math.min(MOST_STEPS, Math.max(1, totalSteps * SHARE));
  // To two decimals, as the slider has it.
  return Math.round((1 - 1 / window) * 100) / 100;
}

/** Steps that a weight looks back over. */
export function windowOf(weight: number): number {
  return Math.round(1 / (1 - weight));
}

/** Goes on with `smoothed`, which holds the averages of the first values, to the end of `values`. */
export function extendSmoothed(smoothed: number[], values: readonly number[], weight: number): void {
  const done = smoothed.length;
  let mean = done === 0 ? 0 : smoothed[done - 1]! * (1 - weight ** done);
  for (let i = done; i < values.length; i++) {
    mean = weight * mean + (1 - weight) * values[i]!;
    smoothed.push(mean / (1 - weight ** (i + 1)));
  }
}
