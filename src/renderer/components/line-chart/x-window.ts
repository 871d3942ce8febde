/** What of the x axis is looked at; null is all of it. */
export type Zoom = { readonly min: number; readonly max: number } | null;

/** From the first value to the planned end or, beyond it, the last value; never empty. */
export function wholeAxis(x: readonly number[], end: number | null): readonly [number, number] {
  const first = x[0] ?? (end === null ? 0 : 1);
  const last = Math.max(x.at(-1) ?? first, end ?? first);
  // Steps are counted from one: nothing stands before zero.
  return last > first ? [first, last] : [Math.max(0, first - 1), first + 1];
}

/** What was marked by a person, widened to whole steps. */
export function zoomTo(from: number, to: number): Zoom {
  const [min, max] = [Math.floor(Math.min(from, to)), Math.ceil(Math.max(from, to))];
  return max > min ? { min, max } : { min, max: min + 1 };
}
