/**
 * @file Numbers as people write and paste them: `2e-4`, `.0003`, `1,5`, `1_000`, `1 000`, `５１２`, `2×10⁻⁴`, `5%`, `512 tokens`,
 * `lr = 2e-4,`. One reader for every field of the page and for `--set`. What has two meanings is said, never guessed, and what is no
 * number is a problem, never another number.
 */

export interface NumberKind {
  /** Only whole numbers make sense, which decides what the comma of `1,024` is. */
  readonly integer?: boolean;
  /** Below 1 the value is a share: a percentage has to be below 100 %. */
  readonly share?: boolean;
  /** Words that may stand behind the number. */
  readonly units?: readonly string[];
  /** Names that may stand before it, as in a pasted `lr=2e-4`. */
  readonly names?: readonly string[];
}

export type NumberProblem =
  /** Not a number, and not the beginning of one. */
  | { readonly code: 'notNumber' }
  /** The beginning of a number: `-`, `2e-`. */
  | { readonly code: 'unfinished' }
  /** Two readings; both are named. */
  | { readonly code: 'twoMeanings'; readonly first: string; readonly second: string }
  /** Words behind the number that do not belong there. */
  | { readonly code: 'words'; readonly words: string }
  | { readonly code: 'shareTooLarge' }
  /** Beyond what a number of this program can hold. */
  | { readonly code: 'outOfReach' };

export type NumberReading =
  | { readonly kind: 'empty' }
  /** `plain`: written as the program would write it, so that there is nothing to explain. */
  | { readonly kind: 'number'; readonly value: number; readonly plain: boolean }
  | { readonly kind: 'problem'; readonly problem: NumberProblem };

const LONGEST = 200;
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const DIGITS = String.raw`(?:\d(?:[\d.,_' ]*[\d.,])?|[.,]\d[\d_]*)`;
const NUMBER = new RegExp(String.raw`^([+-]?) ?(${DIGITS})(?: ?[x*] ?10 ?(?:\^|\*\*) ?([+-]?\d+)|e([+-]?\d+))?(?![\d.,])\s*(.*)$`, 's');

export function readNumber(text: string, kind: NumberKind = {}): NumberReading {
  if (text.length > LONGEST) return problem({ code: 'notNumber' });
  const body = withoutName(normalised(text), kind.names ?? []);
  if (body === '') return { kind: 'empty' };
  if (/^[+-]?(?:[\d.,_' ]*\d[.,]?\d* ?)?(?:e[+-]?)?$/.test(body) && /(?:^[+-]?|e[+-]?)$/.test(body)) return problem({ code: 'unfinished' });
  const [, sign, digits, power, exponent, rest] = NUMBER.exec(body) ?? [];
  if (digits === undefined) return problem(/^[+-]?[.,]$/.test(body) ? { code: 'unfinished' } : { code: 'notNumber' });
  const plainDigits = withoutSeparators(digits, kind.integer ?? false);
  if (typeof plainDigits !== 'string') return problem(plainDigits);
  const written = `${sign === '-' ? '-' : ''}${plainDigits}${(power ?? exponent) ? `e${power ?? exponent}` : ''}`;
  const value = Number(written);
  if (Number.isNaN(value)) return problem({ code: 'notNumber' });
  // 1e400 and 1e-400: what would be kept is not what was written.
  if (!Number.isFinite(value) || (value === 0 && /[1-9]/.test(plainDigits))) return problem({ code: 'outOfReach' });
  return withWords(value, rest!, text, kind);
}

function problem(what: NumberProblem): NumberReading {
  return { kind: 'problem', problem: what };
}

/** What stands behind the number: nothing, a percent sign, its unit. */
function withWords(value: number, rest: string, text: string, kind: NumberKind): NumberReading {
  if (rest === '') return { kind: 'number', value, plain: /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) };
  if (rest === '%') {
    const part = Number((value / 100).toPrecision(15));
    return kind.share && part >= 1 ? problem({ code: 'shareTooLarge' }) : { kind: 'number', value: part, plain: false };
  }
  if (rest === 'k' || rest === 'm') {
    const power = rest === 'k' ? 1 : 2;
    return problem({ code: 'twoMeanings', first: String(value * 1000 ** power), second: String(value * 1024 ** power) });
  }
  if ((kind.units ?? []).some((unit) => unit.toLowerCase() === rest)) return { kind: 'number', value, plain: false };
  return problem({ code: 'words', words: rest });
}

/** One form of every sign: full-width, superscripts, minus signs, odd spaces; without what pasting from code brings along. */
function normalised(text: string): string {
  const powers = text.replaceAll(
    /([⁺⁻]?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g,
    (_all, sign: string, digits: string) => `^${sign === '⁻' ? '-' : ''}${[...digits].map((digit) => SUPERSCRIPTS.indexOf(digit)).join('')}`,
  );
  return powers
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[−–‐‑]/g, '-')
    .replaceAll(/[×·]/g, 'x')
    .replaceAll('、', ',')
    .replaceAll('。', '.')
    .replaceAll('’', "'")
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/[,;]$/, '')
    .replace(/^(["'])(.*)\1$/, '$2')
    .trim();
}

function withoutName(text: string, names: readonly string[]): string {
  const name = names.find((each) => text.replace(/^["']/, '').startsWith(each.toLowerCase()));
  if (name === undefined) return text;
  const behind = /^["']? ?[:=]? ?/.exec(text.replace(/^["']/, '').slice(name.length))!;
  return text
    .replace(/^["']/, '')
    .slice(name.length + behind[0].length)
    .replace(/^(["'])(.*)\1$/, '$2')
    .trim();
}

/** The digits with a point for the fraction and nothing else. */
function withoutSeparators(digits: string, integer: boolean): string | NumberProblem {
  const compact = /[_']/.test(digits) ? digits.replaceAll(/(?<=\d)[_'](?=\d)/g, '') : digits;
  const spaced = compact.includes(' ') ? withoutGroups(compact, ' ') : compact;
  if (spaced === null || /[^\d.,]/.test(spaced)) return { code: 'notNumber' };
  const commas = spaced.split(',').length - 1;
  const points = spaced.split('.').length - 1;
  if (commas > 0 && points > 0) return bothSigns(spaced);
  if (commas > 1) return withoutGroups(spaced, ',') ?? { code: 'notNumber' };
  if (points > 1) return withoutGroups(spaced, '.') ?? { code: 'notNumber' };
  if (commas === 0) return spaced;
  // 1,024: a thousand and some, or one and a bit. A count can only be the first; 0,024 and 1,5 only the second.
  if (!/^[1-9]\d{0,2},\d{3}$/.test(spaced)) return spaced.replace(',', '.');
  const [thousands, fraction] = [spaced.replace(',', ''), spaced.replace(',', '.')];
  return integer ? thousands : { code: 'twoMeanings', first: thousands, second: fraction };
}

/** 1,024.5 and 1.024,5: the last sign is the one of the fraction. */
function bothSigns(digits: string): string | NumberProblem {
  const fraction = digits.lastIndexOf(',') > digits.lastIndexOf('.') ? ',' : '.';
  const [whole, part, ...more] = digits.split(fraction);
  const joined = withoutGroups(whole!, fraction === ',' ? '.' : ',');
  return joined === null || more.length > 0 ? { code: 'notNumber' } : `${joined}.${part}`;
}

/** Groups of three joined; null where they are not groups of three. */
function withoutGroups(digits: string, separator: ' ' | ',' | '.'): string | null {
  const [whole, ...rest] = separator === ' ' ? [digits.replace(/[.,]\d*$/, ''), ...(/[.,]\d*$/.exec(digits) ?? [])] : [digits];
  const groups = whole!.split(separator);
  const good = /^\d{1,3}$/.test(groups[0]!) && groups.slice(1).every((group) => /^\d{3}$/.test(group));
  return good ? groups.join('') + (rest[0] ?? '') : null;
}
