import { roleOf } from './canonical/roles.ts';
import type { TurnKeys } from './import-plan.ts';
import type { JsonObject } from './readers/source-record.ts';

const known: readonly TurnKeys[] = [
  { role: 'from', content: 'value' },
  { role: 'role', content: 'content' },
];
const mostTurns = 1000;

/**
 * Finds which key of a turn is the speaker: a known pair of names, else, where all turns have the same two
 * string keys, the one with fewer distinct values (Unsloth `standardize_data_formats`, spec 1.5).
 */
export class TurnKeyFinder {
  private readonly pairs = new Map<TurnKeys, number>();
  private readonly values = new Map<string, Set<string>>();
  private turns = 0;
  private even = true;

  add(turn: JsonObject): void {
    if (this.turns >= mostTurns) return;
    this.turns += 1;
    for (const pair of known) {
      if (Object.hasOwn(turn, pair.role) && Object.hasOwn(turn, pair.content)) {
        this.pairs.set(pair, (this.pairs.get(pair) ?? 0) + 1);
      }
    }
    const entries = Object.entries(turn);
    if (entries.length !== 2) this.even = false;
    for (const [key, value] of entries) {
      if (typeof value !== 'string') this.even = false;
      else if (this.even) this.values.set(key, (this.values.get(key) ?? new Set()).add(value));
    }
  }

  /** The keys found; `from` and `value` when the turns are unlike each other, so that each row names what it lacks. */
  keys(): TurnKeys {
    const [fromValue, roleContent] = known as readonly [TurnKeys, TurnKeys];
    const [first, second] = [this.pairs.get(fromValue) ?? 0, this.pairs.get(roleContent) ?? 0];
    if (first > 0 || second > 0) return first >= second ? fromValue : roleContent;
    // A file of two turns has as many roles as texts; a key that holds nothing but roles is the speaker.
    const speakers = [...this.values].filter(([, values]) => [...values].every((value) => roleOf(value) !== undefined)).map(([key]) => key);
    const [a, b, ...others] = [...this.values].sort(([, one], [, two]) => one.size - two.size);
    if (!this.even || a === undefined || b === undefined || others.length > 0) return fromValue;
    return speakers.length === 1 && speakers[0] === b[0] ? { role: b[0], content: a[0] } : { role: a[0], content: b[0] };
  }
}
