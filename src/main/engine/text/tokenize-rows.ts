import type { RowText } from './row-text.ts';
import type { TokenizedText, Tokenizer } from './tokenizer/tokenizer.ts';

export interface TokenizedRow {
  readonly full: TokenizedText;
  readonly prompt: Int32Array | undefined;
}

const NO_OFFSETS = new Int32Array(0);

/** One native call for each way of tokenising, so that a batch uses every core. Offsets only where spans need them. */
export async function tokenizeRows(tokenizer: Tokenizer, rows: readonly RowText[]): Promise<ReadonlyMap<RowText, TokenizedRow>> {
  const full = new Map<RowText, TokenizedText>();
  const prompts = new Map<RowText, Int32Array>();
  for (const addSpecialTokens of [true, false]) {
    const group = rows.filter((row) => row.addSpecialTokens === addSpecialTokens);
    const spanned = group.filter((row) => row.spans !== undefined);
    const plain = group.filter((row) => row.spans === undefined);
    const prompted = group.filter((row) => row.prompt !== undefined);
    const ids = await tokenizer.encodeBatch([...plain.map((row) => row.full), ...prompted.map((row) => row.prompt as string)], { addSpecialTokens });
    for (const [i, row] of plain.entries()) full.set(row, { ids: ids[i] as Int32Array, offsets: NO_OFFSETS });
    for (const [i, row] of prompted.entries()) prompts.set(row, ids[plain.length + i] as Int32Array);
    const located = await tokenizer.encodeBatchWithOffsets(
      spanned.map((row) => row.full),
      { addSpecialTokens },
    );
    for (const [i, row] of spanned.entries()) full.set(row, located[i] as TokenizedText);
  }
  return new Map(rows.map((row) => [row, { full: full.get(row) as TokenizedText, prompt: prompts.get(row) }]));
}
