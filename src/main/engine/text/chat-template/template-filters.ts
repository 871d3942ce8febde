/**
 * Jinja's `|` filters. A filter that this table lacks is an error naming it, never a silent pass-through.
 * Source of the behaviour: Jinja2 3.1 documentation, checked by the golden templates of test/parity/text.test.ts.
 */
import { dumpJson } from './python-json.ts';
import { arithmetic, integerOf, negative, toFloat as toDouble, truncated } from './python-numbers.ts';
import { capitalize, chargedStrip, concatenate, optionalInteger, replaceText, requireText, titleCase } from './python-strings.ts';
import {
  MAX_DIGITS,
  PyFloat,
  Tuple,
  Undefined,
  asNumber,
  characters,
  charged,
  compare,
  isEqual,
  isTrue,
  iterate,
  length,
  read,
  toText,
  typeName,
  type Arguments,
  type Value,
} from './python-values.ts';
import { applyTest, attribute } from './template-tests.ts';
import { grow, makeEach, spend, TemplateError } from './work-meter.ts';

type Filter = (value: Value, args: Arguments) => Value;

const pick = ({ positional, keyword }: Arguments, index: number, name: string): Value | undefined => positional[index] ?? keyword.get(name);

const text = (value: Value): string => toText(value);

const defaultFilter: Filter = (value, args) => {
  const missing = value instanceof Undefined || (isTrue(pick(args, 1, 'boolean') ?? false) && !isTrue(value));
  return missing ? (pick(args, 0, 'default_value') ?? '') : value;
};

const toInteger: Filter = (value, args) => {
  const fallback = pick(args, 0, 'default') ?? 0;
  if (value instanceof PyFloat) {
    if (Number.isNaN(value.value)) return fallback;
    if (!Number.isFinite(value.value)) throw new TemplateError('cannot convert float infinity to integer');
    return truncated(value.value);
  }
  const number = asNumber(value);
  if (number !== undefined) return number;
  if (typeof value !== 'string') return fallback;
  const trimmed = chargedStrip(value, 'both').replaceAll('_', '');
  if (trimmed.length <= MAX_DIGITS && /^[+-]?\d+$/.test(trimmed)) return integerOf(trimmed);
  // No two parts of the pattern can share a digit: it would try each way of sharing a million of them.
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return fallback;
  return Number.isFinite(Number(trimmed)) ? truncated(Number(trimmed)) : fallback;
};

const toFloat: Filter = (value, args) => {
  if (value instanceof PyFloat) return value;
  const trimmed = typeof value === 'string' ? chargedStrip(value, 'both') : '';
  const number = trimmed !== '' ? Number(trimmed) : asNumber(value);
  if (number === undefined || Number.isNaN(number)) return pick(args, 0, 'default') ?? new PyFloat(0);
  return new PyFloat(toDouble(number));
};

const tojson: Filter = (value, args) => {
  const indent = pick(args, 1, 'indent') ?? null;
  const separators = pick(args, 2, 'separators') ?? null;
  if (separators !== null && !(Array.isArray(separators) && separators.length === 2)) {
    throw new TemplateError('tojson: separators must be two strings');
  }
  const indentText = typeof indent === 'string' ? indent : indent === null ? null : ' '.repeat(Math.min(64, Math.max(0, optionalInteger(indent, 0))));
  const json = dumpJson(value, {
    ensureAscii: isTrue(pick(args, 0, 'ensure_ascii') ?? false),
    indent: indentText,
    itemSeparator: separators === null ? (indentText === null ? ', ' : ',') : requireText(separators[0]),
    keySeparator: separators === null ? ': ' : requireText(separators[1]),
    sortKeys: isTrue(pick(args, 3, 'sort_keys') ?? false),
  });
  grow(json.length);
  return json;
};

const indent: Filter = (value, args) => {
  const width = pick(args, 0, 'width') ?? 4;
  const unit = typeof width === 'string' ? width : ' '.repeat(Math.min(1024, Math.max(0, optionalInteger(width, 4))));
  const first = isTrue(pick(args, 1, 'first') ?? false);
  const blank = isTrue(pick(args, 2, 'blank') ?? false);
  const lines = requireText(value).split('\n');
  makeEach(lines.length);
  grow(lines.length * (1 + unit.length));
  return lines.map((line, i) => ((i === 0 ? first : blank || line !== '') ? unit + line : line)).join('\n');
};

function folded(value: Value, caseSensitive: boolean): Value {
  if (typeof value !== 'string' || caseSensitive) return value;
  read(value);
  return value.toLowerCase();
}

const sort: Filter = (value, args) => {
  const items = iterate(value);
  grow(items.length * 16);
  const sign = isTrue(pick(args, 0, 'reverse') ?? false) ? -1 : 1;
  const sensitive = isTrue(pick(args, 1, 'case_sensitive') ?? false);
  const path = pick(args, 2, 'attribute') ?? null;
  const key = (item: Value): Value => folded(path === null ? item : attribute(item, path), sensitive);
  return items
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => sign * compare(a.key, b.key))
    .map(({ item }) => item);
};

const dictsort: Filter = (value, args) => {
  if (!(value instanceof Map)) throw new TemplateError('dictsort needs a mapping');
  grow(value.size * 16);
  const sensitive = isTrue(pick(args, 0, 'case_sensitive') ?? false);
  const column = pick(args, 1, 'by') === 'value' ? 1 : 0;
  const sign = isTrue(pick(args, 2, 'reverse') ?? false) ? -1 : 1;
  return [...value]
    .map(([key, item]) => ({ pair: Tuple.of(key, item), key: folded(column === 0 ? key : item, sensitive) }))
    .toSorted((a, b) => sign * compare(a.key, b.key))
    .map(({ pair }) => pair);
};

/** `select`, `reject`, `selectattr`, `rejectattr`: keep the items whose (attribute's) test has the wanted outcome. */
function selection(byAttribute: boolean, wanted: boolean): Filter {
  return (value, { positional }) => {
    const items = iterate(value);
    grow(items.length * 16);
    const path = byAttribute ? (positional[0] ?? '') : null;
    const name = positional[byAttribute ? 1 : 0];
    const argument = positional[byAttribute ? 2 : 1];
    return items.filter((item) => {
      const subject = path === null ? item : attribute(item, path);
      return (name === undefined ? isTrue(subject) : applyTest(requireText(name), subject, argument)) === wanted;
    });
  };
}

const map: Filter = (value, args) => {
  const items = iterate(value);
  grow(items.length * 16);
  const path = args.keyword.get('attribute');
  if (path !== undefined) {
    const fallback = args.keyword.get('default');
    return items.map((item) => {
      const found = attribute(item, path);
      return found instanceof Undefined && fallback !== undefined ? fallback : found;
    });
  }
  const name = requireText(args.positional[0]);
  const rest: Arguments = { positional: args.positional.slice(1), keyword: args.keyword };
  return items.map((item) => applyFilter(name, item, rest));
};

const extreme =
  (sign: number): Filter =>
  (value) => {
    const items = iterate(value);
    if (items.length === 0) return new Undefined('No aggregated item, sequence was empty.');
    return items.reduce((best, item) => (sign * compare(folded(item, false), folded(best, false)) > 0 ? item : best));
  };

const unique: Filter = (value, args) => {
  const sensitive = isTrue(pick(args, 0, 'case_sensitive') ?? false);
  const seen: Value[] = [];
  return iterate(value).filter((item) => {
    spend(1 + seen.length);
    const key = folded(item, sensitive);
    if (seen.some((other) => isEqual(other, key))) return false;
    seen.push(key);
    return true;
  });
};

const sum: Filter = (value, args) => {
  const path = pick(args, 0, 'attribute');
  const items = iterate(value).map((item) => (path === undefined ? item : attribute(item, path)));
  return items.reduce((total, item) => arithmetic('+', total, item), 0);
};

const absolute: Filter = (value) => {
  if (value instanceof PyFloat) return new PyFloat(Math.abs(value.value));
  const number = asNumber(value);
  if (number === undefined) throw new TemplateError(`bad operand type for abs(): '${typeName(value)}'`);
  return number < 0 ? (negative(number) as Value) : number;
};

const reverse: Filter = (value) => (typeof value === 'string' ? characters(value).toReversed().join('') : [...iterate(value)].toReversed());

export const FILTERS: Readonly<Record<string, Filter>> = {
  safe: (value) => value,
  string: text,
  trim: (value, args) => {
    const chars = pick(args, 0, 'chars') ?? null;
    return chargedStrip(text(value), 'both', chars === null ? undefined : requireText(chars));
  },
  upper: (value) => text(value).toUpperCase(),
  lower: (value) => text(value).toLowerCase(),
  title: (value) => titleCase(text(value)),
  capitalize: (value) => capitalize(text(value)),
  length: (value) => length(value),
  count: (value) => length(value),
  list: (value) => [...iterate(value)],
  first: (value) => iterate(value)[0] ?? new Undefined('No first item, sequence was empty.'),
  last: (value) => iterate(value).at(-1) ?? new Undefined('No last item, sequence was empty.'),
  join: (value, args) => {
    const path = pick(args, 1, 'attribute');
    const items = iterate(value).map((item) => (path === undefined ? item : attribute(item, path)));
    return concatenate(items, text(pick(args, 0, 'd') ?? ''));
  },
  items: (value) => {
    if (value instanceof Undefined) return [];
    if (!(value instanceof Map)) throw new TemplateError('Can only get item pairs from a mapping.');
    makeEach(value.size);
    return [...value].map(([key, item]) => Tuple.of(key, item));
  },
  replace: (value, args) =>
    replaceText(text(value), text(pick(args, 0, 'old') ?? ''), text(pick(args, 1, 'new') ?? ''), optionalInteger(pick(args, 2, 'count') ?? -1, -1)),
  abs: absolute,
  default: defaultFilter,
  d: defaultFilter,
  int: toInteger,
  float: toFloat,
  max: extreme(1),
  min: extreme(-1),
  select: selection(false, true),
  reject: selection(false, false),
  selectattr: selection(true, true),
  rejectattr: selection(true, false),
  tojson,
  indent,
  sort,
  dictsort,
  map,
  unique,
  sum,
  reverse,
};

export function applyFilter(name: string, value: Value, args: Arguments): Value {
  if (!Object.hasOwn(FILTERS, name)) throw new TemplateError(`No filter named '${name}'.`);
  return charged(value, args, () => (FILTERS[name] as Filter)(value, args));
}
