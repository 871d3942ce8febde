import type { DatasetFormat } from '../../../shared/domain/dataset.ts';
import type { InspectedRow } from '../../../shared/domain/inspection.ts';

export type TokenState = 'trained' | 'masked' | 'cut';

/** A token as it is drawn. */
export interface DrawnToken {
  readonly position: number;
  readonly id: number;
  /** With line breaks as they are; empty for the first bytes of a character. */
  readonly text: string;
  readonly state: TokenState;
  /** A token of the template or the tokenizer, not of the text. */
  readonly special: boolean;
}

/** All tokens of a row in order, those beyond the longest example last. */
export function drawnTokens(row: InspectedRow): readonly DrawnToken[] {
  const seen = row.tokens.map((token, position): DrawnToken => ({
    position,
    id: token.id,
    text: token.text,
    state: token.trained ? 'trained' : 'masked',
    special: token.special,
  }));
  return [...seen, ...row.cut.map(({ id, text }, i): DrawnToken => ({ position: row.tokens.length + i, id, text, state: 'cut', special: false }))];
}

/** Tokens that are drawn together: one, or all those of a character that takes several. */
export interface DrawnGroup {
  readonly tokens: readonly DrawnToken[];
  readonly text: string;
}

/** A token without text holds the first bytes of a character that a later one completes: the character is drawn once, for all of them. */
export function groupsOf(tokens: readonly DrawnToken[]): readonly DrawnGroup[] {
  const groups: DrawnGroup[] = [];
  let open: DrawnToken[] = [];
  for (const token of tokens) {
    // Bytes left over at the cut are shown as they are, on their side of it.
    if (open.length > 0 && (open[0]!.state === 'cut') !== (token.state === 'cut')) groups.push({ tokens: open.splice(0), text: '' });
    open.push(token);
    if (token.text !== '') groups.push({ tokens: open.splice(0), text: token.text });
  }
  if (open.length > 0) groups.push({ tokens: open, text: '' });
  return groups;
}

/** Groups a block: a browser lays out and paints only the blocks in sight. */
const BLOCK = 200;

export function blocksOf(groups: readonly DrawnGroup[]): readonly (readonly DrawnGroup[])[] {
  return Array.from({ length: Math.ceil(groups.length / BLOCK) }, (_, i) => groups.slice(i * BLOCK, (i + 1) * BLOCK));
}

export interface RowCounts {
  readonly trained: number;
  readonly masked: number;
  readonly cut: number;
}

export function countsOf(row: InspectedRow): RowCounts {
  const trained = row.tokens.filter((token) => token.trained).length;
  return { trained, masked: row.tokens.length - trained, cut: row.truncatedTokens };
}

/** A token's text for its tooltip, every character told. */
export function escapedText(text: string): string {
  return JSON.stringify(text);
}

/** What `loss: auto` comes to for the rows of a format: the rule of the recipe, in one word. */
export function autoLearns(format: DatasetFormat): 'all' | 'assistant' | 'completion' {
  if (format === 'text') return 'all';
  return format === 'messages' || format === 'conversations' ? 'assistant' : 'completion';
}
