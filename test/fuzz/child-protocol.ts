/** @file What a child of fuzzing is told and tells. */

export interface Slice {
  readonly target: string;
  readonly seed: number;
  readonly inputs: number;
  readonly corpus: readonly string[];
  readonly folder: string;
  /** Whether it looks for what reaches something new; counting what runs makes everything several times as slow. */
  readonly explores: boolean;
  /** Wall clock (ms since 1970) after which no further input is begun. */
  readonly until: number | null;
}

export type Report =
  | { readonly kind: 'finding'; readonly what: 'error'; readonly detail: string; readonly input: string }
  | { readonly kind: 'kept'; readonly input: string }
  | {
      readonly kind: 'done';
      readonly inputs: number;
      readonly answered: number;
      readonly slowest: number;
      readonly peak: number;
      readonly blocks: number;
    };

/** The input at hand: its number, its length, itself. */
export const AT_HAND = 'at-hand.bin';
