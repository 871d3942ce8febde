/** @file Where the bars of a histogram stand. Pure. Shares are of the whole width. */

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Share of the width at which it begins, and that it takes. */
  readonly x: number;
  readonly width: number;
  /** Holds a far wider range than the others, and stands apart so that it is not read by its width. */
  readonly outlier: boolean;
}

export interface Tick {
  readonly x: number;
  readonly value: number;
}

/** Of the width: the gap before an outlier bar, and the bar. */
const [GAP, OUTLIER] = [0.06, 0.06];
/** Of the width: the one bar of rows that are all of one length, which is no wall. */
const ALONE = 0.125;
/** A last bin this many times as wide as the others is an outlier's. */
const WIDER = 1.5;
const TICKS = 4;

/** Bars of equal width for bins of equal width; a last bin that holds the few that are far longer stands behind a gap. */
export function barsOf(edges: readonly number[], counts: readonly number[]): readonly Bar[] {
  const apart = hasOutlier(edges);
  const usual = counts.length - (apart ? 1 : 0);
  const width = counts.length === 1 ? ALONE : (apart ? 1 - GAP - OUTLIER : 1) / Math.max(1, usual);
  return counts.map((count, i) => {
    const outlier = apart && i === usual;
    return { from: edges[i]!, to: edges[i + 1]!, count, x: outlier ? 1 - OUTLIER : i * width, width: outlier ? OUTLIER : width, outlier };
  });
}

function hasOutlier(edges: readonly number[]): boolean {
  return edges.length > 2 && edges.at(-1)! - edges.at(-2)! > WIDER * (edges[1]! - edges[0]!);
}

/** Where a value stands; in the gap where it lies in an outlier's range, whose width says nothing; null beyond the bars. */
export function placeOf(value: number, bars: readonly Bar[]): number | null {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined || value < first.from || value > last.to) return null;
  const bar = bars.find(({ to }) => value < to) ?? last;
  if (!bar.outlier) return bar.x + bar.width * ((value - bar.from) / (bar.to - bar.from));
  return value === bar.from ? 1 - OUTLIER - GAP : 1 - OUTLIER - GAP / 2;
}

/** Values to be written under the axis: edges of bars, evenly spread. */
export function ticksOf(bars: readonly Bar[]): readonly Tick[] {
  const usual = bars.filter(({ outlier }) => !outlier);
  if (usual.length === 0) return [];
  const edges = [...usual.map(({ from, x }) => ({ value: from, x })), { value: usual.at(-1)!.to, x: usual.at(-1)!.x + usual.at(-1)!.width }];
  const step = Math.max(1, Math.ceil((edges.length - 1) / TICKS));
  const ticks = edges.filter((_, i) => i % step === 0);
  const end = edges.at(-1)!;
  // The last edge is always told, in place of one that would touch it.
  return end.x - ticks.at(-1)!.x < 0.1 ? [...ticks.slice(0, -1), end] : [...ticks, end];
}
