/**
 * @file Byte-pair encoding (Sennrich et al. 2016): the most frequent pair of neighbours becomes a new symbol, again and
 * again. Ties go to the pair that sorts first, so a corpus has one result. Plain recounting: our vocabulary of words is small.
 */

export type Merge = readonly [left: string, right: string];

/**
 * @param words how often each word occurs; characters of a word are its first symbols
 * @param count merges wanted; fewer come back when nothing is left that occurs twice
 */
export function learnMerges(words: ReadonlyMap<string, number>, count: number): Merge[] {
  const split = [...words].map(([word, times]) => ({ symbols: [...word], times }));
  const merges: Merge[] = [];
  while (merges.length < count) {
    const best = mostFrequentPair(split);
    if (best === null) break;
    merges.push(best);
    for (const entry of split) entry.symbols = merged(entry.symbols, best);
  }
  return merges;
}

interface SplitWord {
  symbols: string[];
  readonly times: number;
}

function mostFrequentPair(words: readonly SplitWord[]): Merge | null {
  const counts = new Map<string, number>();
  for (const { symbols, times } of words) {
    for (let i = 1; i < symbols.length; i++) {
      const pair = `${symbols[i - 1]} ${symbols[i]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + times);
    }
  }
  let best: string | null = null;
  let most = 1;
  for (const [pair, times] of counts) {
    if (times > most || (times === most && best !== null && pair < best)) [best, most] = [pair, times];
  }
  return best === null ? null : (best.split(' ') as [string, string]);
}

function merged(symbols: readonly string[], [left, right]: Merge): string[] {
  const result: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const joins = symbols[i] === left && symbols[i + 1] === right;
    result.push(joins ? left + right : symbols[i]!);
    if (joins) i++;
  }
  return result;
}
