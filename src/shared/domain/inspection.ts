import { z } from 'zod';
import { findingSchema, type Finding } from './finding.ts';

/** One token as training sees it. */
export interface TokenView {
  readonly id: number;
  /** What it adds to the text; empty for the first bytes of a character of several tokens. */
  readonly text: string;
  /** The id to be predicted, or -100. */
  readonly label: number;
  readonly trained: boolean;
  /** One of the tokenizer's own marks, such as the end of a turn. */
  readonly special: boolean;
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
  /** Training would leave this row out. `reason`: why the chat template refuses it, where it does. */
  | { readonly kind: 'dropped'; readonly row: number; readonly source: number; readonly length: number; readonly reason: string | null }
  /** What was found in the rows that were asked for; of the whole dataset `DatasetCounts` tells. */
  | { readonly kind: 'findings'; readonly findings: readonly Finding[] }
  | { readonly kind: 'notice'; readonly message: string };

const count = z.int().min(0);

/** What the whole dataset comes to with a model and an encoding. */
export const datasetCountsSchema = z.object({
  /** All rows, those that are dropped included. */
  rows: count,
  /** Rows that the chat template refuses: left out. */
  setAside: count,
  /** Rows that training leaves out: nothing to learn within the longest example. */
  dropped: count,
  truncated: count,
  /** Tokens of the rows that are kept, after cutting. */
  tokens: count,
  /** Tokens that are learned from. */
  targets: count,
  /** Tokens of the longest row before cutting. */
  longest: count,
  /** Packs that the rows make; null where they are not packed. */
  packs: count.nullable().default(null),
  /** Rows by length before cutting: `counts[i]` rows have from `edges[i]` to under `edges[i + 1]` tokens. */
  lengths: z.object({ edges: z.array(count), counts: z.array(count) }),
  /** All that was found, with rows. */
  findings: z.array(findingSchema).readonly(),
});
export type DatasetCounts = Readonly<z.infer<typeof datasetCountsSchema>>;

/** Rows by length before cutting: so many have at most `length` tokens, of which at most `targets` are learned. */
export const lengthLevelsSchema = z.array(z.object({ length: count, rows: count, targets: count })).max(4096);
export type LengthLevel = Readonly<z.infer<typeof lengthLevelsSchema>[number]>;

export type CountUpdate =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'notice'; readonly message: string }
  | { readonly kind: 'done'; readonly counts: DatasetCounts };
