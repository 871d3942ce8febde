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
  const seen = row.tokens.map((token, position): DrawnToken => ({ position, id: token.id, text: token.text, state: token.trained ? 'trained' : 'masked', special: token.special }));
  return [...seen, ...row.cut.map(({ id, text }, i): DrawnToken => ({ position: row.tokens.length + i, id, text, state: 'cut', special: false }))];
}

/** Tokens a block: a browser lays out and paints only the blocks in sight. */
const BLOCK = 200;

export function blocksOf(tokens: readonly DrawnToken[]): readonly (readonly DrawnToken[])[] {
  return Array.from({ length: Math.ceil(tokens.length / BLOCK) }, (_, i) => tokens.slice(i * BLOCK, (i + 1) * BLOCK));
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

/** White space made visible; line breaks stay line breaks behind their mark. */
export function visibleText(text: string): string {
  return text.replaceAll('\t', '⇥\t').replaceAll('\r', '␍').replaceAll('\n', '↵\n');
}

/** A token's text for its tooltip, every character told. */
export function escapedText(text: string): string {
  return JSON.stringify(text);
}
