/** The candidate closest to what was typed, or null when none is close enough to be meant. */
export function nearestName(typed: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.ceil(typed.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = distanceOf(typed.slice(0, 100).toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** A shortened name (`alpha` for `lora_alpha`) is as close as two slips of the finger. */
function distanceOf(typed: string, candidate: string): number {
  const isPart = typed.length >= 3 && (candidate.includes(typed) || typed.includes(candidate));
  return Math.min(editDistance(typed, candidate), isPart ? 2 : Infinity);
}

/** Levenshtein distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
