/** @file Whether a regular expression of a tokenizer.json can be given to the library, which stops the process on one that runs away. */

const MAX_PATTERN = 8192;
/** What the counted repetitions of one pattern may come to when one stands in another; published ones have a `{1,3}`. */
const MAX_REPEATS = 10_000;

/** Why a pattern is refused, or null. */
export function patternFault(pattern: string): string | null {
  if (pattern === '') return 'the pattern is empty';
  if (pattern.length > MAX_PATTERN) return `the pattern has ${pattern.length} characters, more than ${MAX_PATTERN}`;
  const plain = pattern.replace(/\\[\s\S]/g, '_').replace(/\[(?:\^?\]?)[^\]]*\]/g, '_');
  const counts = [...plain.matchAll(/\{(\d*)(?:,(\d*))?\}/g)].map(([, low = '', high = '']) => Math.max(1, Number(low), Number(high)));
  if (counts.reduce((product, count) => product * count, 1) > MAX_REPEATS) return `its counted repetitions come to more than ${MAX_REPEATS}`;
  return hasNestedRepeats(plain) ? 'a repetition without end stands inside of another, which can take for ever' : null;
}

/** `(a+)+` and its like. @param plain a pattern without escapes and character classes */
function hasNestedRepeats(plain: string): boolean {
  /** For each open group, whether something in it repeats without end. */
  const groups: boolean[] = [false];
  for (let i = 0; i < plain.length; i++) {
    const c = plain.charAt(i);
    if (c === '(') groups.push(false);
    else if (c === ')') {
      const inside = groups.length > 1 && groups.pop() === true;
      const repeats = isEndless(plain, i + 1);
      if (inside && repeats) return true;
      if (inside || repeats) groups[groups.length - 1] = true;
    } else if (isEndless(plain, i)) groups[groups.length - 1] = true;
  }
  return false;
}

function isEndless(plain: string, at: number): boolean {
  return plain.charAt(at) === '*' || plain.charAt(at) === '+' || /^\{\d*,\}/.test(plain.slice(at, at + 12));
}

/** Bytes of the shortest text that a pattern can match: 1, or 0 where it may match nothing. */
export function leastMatch(pattern: string): 0 | 1 {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test('') ? 0 : 1;
  } catch {
    // Of another dialect than ours: the worse is taken.
    return 0;
  }
}
