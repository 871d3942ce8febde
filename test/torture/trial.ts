/** @file What a trial is and how it may end. */
import type { Lab } from './lab.ts';

/**
 * - `equal`: the run ended bit for bit as the one that was left alone
 * - `said`: it did not go on, and the reason named what is wrong and where
 * - `wrong`: a silent difference, a death without a word, something left behind, no end
 */
export interface Outcome {
  readonly kind: 'equal' | 'said' | 'wrong';
  readonly note: string;
}

export interface Trial {
  readonly name: string;
  run(lab: Lab): Promise<Outcome>;
}

/** A kind of harm: so many trials of it, drawn from a seed. */
export interface Harm {
  readonly name: string;
  /** Why it cannot be done here; null where it can. */
  readonly unavailable: () => string | null;
  readonly trials: (count: number, random: () => number) => readonly Trial[];
}

export const equal = (note = ''): Outcome => ({ kind: 'equal', note });
export const said = (note: string): Outcome => ({ kind: 'said', note });
export const wrong = (note: string): Outcome => ({ kind: 'wrong', note });

export function pick<T>(random: () => number, among: readonly T[]): T {
  return among[Math.floor(random() * among.length)]!;
}

/** When something happens to a run: a share of the time it takes to begin, or a share of its steps and a little later. Both go by the run, since a machine may be busy. */
export type Moment = { readonly beginning: number } | { readonly steps: number; readonly later: number };

export function momentBy(random: () => number): Moment {
  return random() < 0.3
    ? { beginning: between(random, 0, 100) / 100 }
    : { steps: between(random, 0, 97) / 100, later: between(random, 0, 60) / 1000 };
}

export function toldOf(moment: Moment): string {
  return 'beginning' in moment ? `${Math.round(moment.beginning * 100)} % of its beginning` : `${Math.round(moment.steps * 100)} % of its steps`;
}

/** A whole number in [low, high]. */
export function between(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

export const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1000));
