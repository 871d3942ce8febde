/** @file Units of the recipe's fields, as words for one and for several; also what may be typed behind the number. */

interface Unit {
  readonly one: string;
  readonly other: string;
  /** What people call it as well. */
  readonly also: readonly string[];
}

export const UNITS: Readonly<Record<string, Unit>> = {
  tokens: { one: 'token', other: 'tokens', also: ['tok', 'toks'] },
  passes: { one: 'pass', other: 'passes', also: ['epoch', 'epochs'] },
  steps: { one: 'step', other: 'steps', also: [] },
  examples: { one: 'example', other: 'examples', also: ['row', 'rows', 'sample', 'samples'] },
  evaluations: { one: 'evaluation', other: 'evaluations', also: ['evals'] },
  batches: { one: 'batch', other: 'batches', also: [] },
};

/** Every word of a unit. */
export function unitWords(unit: string | null): readonly string[] {
  const found = unit === null ? undefined : UNITS[unit];
  return found === undefined ? [] : [found.one, found.other, ...found.also];
}
