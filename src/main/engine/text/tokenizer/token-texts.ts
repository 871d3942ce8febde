import { StreamingDecoder } from './streaming-decoder.ts';
import type { Tokenizer } from './tokenizer.ts';

const OPTIONS = { skipSpecialTokens: false } as const;

/**
 * What each token adds to the text: a character of several tokens is given to the last of them, so joining loses nothing. What the
 * streaming decoder will ask in the usual case, each token after the one before, is decoded in one call: a call a token is most of the
 * time of a preview.
 */
export async function tokenTexts(ids: readonly number[], tokenizer: Pick<Tokenizer, 'decode' | 'decodeBatch'>): Promise<string[]> {
  const lists = [[], ...ids.map((id) => [id]), ...ids.slice(1).map((id, i) => [ids[i]!, id])];
  const ahead = [...new Map(lists.map((list) => [list.join(), list])).entries()];
  const decoded = await tokenizer.decodeBatch(
    ahead.map(([, list]) => list),
    OPTIONS,
  );
  const known = new Map(ahead.map(([key], i) => [key, decoded[i]!]));
  const decoder = new StreamingDecoder({ decode: async (list) => known.get(Array.from(list).join()) ?? tokenizer.decode(list, OPTIONS) }, OPTIONS);
  const texts: string[] = [];
  for (const id of ids) texts.push(await decoder.push(id));
  if (texts.length > 0) texts[texts.length - 1] += await decoder.finish();
  return texts;
}
