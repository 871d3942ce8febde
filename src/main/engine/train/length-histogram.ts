/** Bars of a picture; more are no longer told apart. */
const MAX_BINS = 40;
/** Lengths from here on are counted in steps, so that memory does not grow with the dataset. */
const EXACT = 8192;
const COARSE = 64;
/** Share of the rows that the bars of equal width show; the last bar holds the few that are far longer. */
const SHOWN = 0.995;

export interface LengthHistogram {
  readonly edges: number[];
  readonly counts: number[];
}

/** Rows by length, collected while they pass by. */
export class LengthCounter {
  readonly #rows = new Map<number, number>();
  #total = 0;
  #longest = 0;

  add(length: number): void {
    const key = length < EXACT ? length : length - (length % COARSE);
    this.#rows.set(key, (this.#rows.get(key) ?? 0) + 1);
    this.#total++;
    this.#longest = Math.max(this.#longest, length);
  }

  /** Bars of equal, round width; at most `MAX_BINS`. Empty where no row has passed. */
  histogram(): LengthHistogram {
    if (this.#total === 0) return { edges: [], counts: [] };
    const lengths = [...this.#rows].sort(([a], [b]) => a - b);
    const shortest = lengths[0]![0];
    const usual = this.#usual(lengths);
    const width = roundWidth((usual + 1 - shortest) / (MAX_BINS - 1));
    const first = shortest - (shortest % width);
    const edges = [first];
    while (edges.at(-1)! <= usual && edges.length < MAX_BINS) edges.push(edges.at(-1)! + width);
    if (edges.at(-1)! <= this.#longest) edges.push(this.#longest + 1);
    const counts = edges.slice(1).map(() => 0);
    for (const [length, rows] of lengths) {
      const bin = Math.min(Math.floor((length - first) / width), counts.length - 1);
      counts[bin]! += rows;
    }
    return { edges, counts };
  }

  #usual(lengths: readonly (readonly [number, number])[]): number {
    let seen = 0;
    for (const [length, rows] of lengths) {
      seen += rows;
      if (seen >= SHOWN * this.#total) return length;
    }
    return this.#longest;
  }
}

/** The next of 1, 2, 5, 10, 20, ... */
function roundWidth(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((digit) => digit * power).find((width) => width >= least) ?? 10 * power;
}
