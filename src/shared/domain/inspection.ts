/** One token as training sees it. */
export interface TokenView {
  readonly id: number;
  /** What it adds to the text; empty for the first bytes of a character of several tokens. */
  readonly text: string;
  /** The id to be predicted, or -100. */
  readonly label: number;
  readonly trained: boolean;
}

/** A row as the model will see it (engine's `preview`). */
export interface InspectedRow {
  /** 0-based place in the dataset. */
  readonly row: number;
  /** Place in the user's file, see `CanonicalRow`. */
  readonly source: number;
  /** The text after the chat template, special tokens included. */
  readonly rendered: string;
  readonly tokens: readonly TokenView[];
  readonly trainedText: string;
  readonly maskedText: string;
  /** Tokens beyond the longest example, with their text: cut, never seen. At most 4096 are listed. */
  readonly cut: readonly { readonly id: number; readonly text: string }[];
  readonly truncatedTokens: number;
}

export type InspectUpdate =
  | { readonly kind: 'row'; readonly row: InspectedRow }
  /** The row would be dropped, or the template had something to say. */
  | { readonly kind: 'notice'; readonly message: string };

/** What the whole dataset comes to with a model and an encoding. */
export interface DatasetCounts {
  readonly rows: number;
  /** Rows that training leaves out: nothing to learn within the longest example. */
  readonly dropped: number;
  readonly truncated: number;
  readonly tokens: number;
  /** Tokens that are learned from. */
  readonly targets: number;
  readonly longest: number;
  /** Rows by length before cutting: `counts[i]` rows have from `edges[i]` to under `edges[i + 1]` tokens. */
  readonly lengths: { readonly edges: readonly number[]; readonly counts: readonly number[] };
}

export type CountUpdate =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'notice'; readonly message: string }
  | { readonly kind: 'done'; readonly counts: DatasetCounts };
