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

/** The averages of a curve that grows; a gap stays a gap and counts for nothing. */
export class Smoothed {
  readonly weight: number;
  readonly values: (number | null)[] = [];
  #sum = 0;
  #count = 0;

  /** @param weight of the past, from 0 (none) to under 1 */
  constructor(weight: number) {
    this.weight = weight;
  }

  /** Goes on to the end of a curve whose first values it has seen. */
  extend(curve: readonly (number | null)[]): readonly (number | null)[] {
    for (let i = this.values.length; i < curve.length; i++) this.values.push(this.#next(curve[i]!));
    return this.values;
  }

  #next(value: number | null): number | null {
    if (value === null) return null;
    this.#sum = this.weight * this.#sum + (1 - this.weight) * value;
    return this.#sum / (1 - this.weight ** ++this.#count);
  }
}
