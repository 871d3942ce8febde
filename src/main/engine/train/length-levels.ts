import type { LengthLevel } from '../../../shared/domain/inspection.ts';

/** Lengths are told apart to this many tokens, longer ones to a 256th of themselves: a bounded table for any dataset. */
const STEP = 16;
const SHARE = 256;

/** Collects what the memory plan needs to know of a dataset, while its rows pass by. */
export class LengthLevels {
  readonly #levels = new Map<number, { rows: number; targets: number }>();

  /** @param targets tokens learned from, of `length` */
  add(length: number, targets: number): void {
    const step = Math.max(STEP, 2 ** Math.floor(Math.log2(Math.max(1, length))) / SHARE);
    const rounded = Math.ceil(length / step) * step;
    const level = this.#levels.get(rounded) ?? { rows: 0, targets: 0 };
    this.#levels.set(rounded, { rows: level.rows + 1, targets: Math.max(level.targets, targets) });
  }

  /** By ascending length. */
  table(): LengthLevel[] {
    return [...this.#levels].map(([length, level]) => ({ length, ...level })).sort((a, b) => a.length - b.length);
  }
}
