/**
 * PEFT's rank_pattern and alpha_pattern: keys are regular expressions that must match the end of a module path, tried
 * in order. The patterns come from a file of unknown origin, so only a subset is accepted that cannot backtrack for long.
 */

const MAX_PATTERN_LENGTH = 200;
const MAX_REPEATS = 3;

/** Why a pattern is refused, or null. */
export function patternProblem(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN_LENGTH) return `is longer than ${MAX_PATTERN_LENGTH} characters`;
  const plain = pattern.replaceAll(/\\[.\-_dw]/g, 'x').replaceAll(/\[[\w.-]+\]/g, 'x');
  if (/\\/.test(plain)) return 'uses an escape other than \\. \\d \\w';
  if (/\(\?(?!:)/.test(plain)) return 'uses a special group';
  if (/\)[*+{]/.test(plain)) return 'repeats a group';
  if ((plain.match(/[*+{]|\)\?/g) ?? []).length > MAX_REPEATS) return `repeats more than ${MAX_REPEATS} times`;
  try {
    compile(pattern);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The value of the first pattern that matches `path`, else `fallback`. */
export function valueForPath(patterns: Readonly<Record<string, number>>, path: string, fallback: number): number {
  for (const [pattern, value] of Object.entries(patterns)) {
    if (compile(pattern).test(path)) return value;
  }
  return fallback;
}

/** Python's re.fullmatch. */
export function matchesWhole(pattern: string, path: string): boolean {
  return new RegExp(`^(?:${pattern})$`).test(path);
}

function compile(pattern: string): RegExp {
  return new RegExp(`^(.*\\.)?(${pattern})$`);
}
