/** The candidate closest to what was typed, or null when none is close enough to be meant. */
export function nearestName(typed: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const distance = distanceOf(typed.slice(0, 100).toLowerCase(), candidate.toLowerCase());
    if (distance <= farthest(typed, candidate) && distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** A slip for every four letters, of the shorter: more changes make any short name of any other. */
function farthest(typed: string, candidate: string): number {
  const length = Math.min(typed.length, candidate.length);
  return length < 3 ? 0 : Math.max(1, Math.floor(length / 4));
}

/** A name cut down to its telling half (`alpha` for `lora_alpha`) is as close as one slip of the finger. */
function distanceOf(typed: string, candidate: string): number {
  const [shorter, longer] = typed.length < candidate.length ? [typed, candidate] : [candidate, typed];
  const isPart = shorter.length >= 5 && shorter.length * 2 >= longer.length && longer.includes(shorter);
  return Math.min(editDistance(typed, candidate), isPart ? 1 : Infinity);
}

/** Levenshtein distance with neighbours that changed places counted as one slip (optimal string alignment), two rows at a time. */
function editDistance(from: string, to: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1, isSwap ? before[j - 2]! + 1 : Infinity));
    }
    [before, row] = [row, next];
  }
  return row[to.length]!;
}
