import { requireText } from './python-strings.ts';
import { Callable, Namespace, toText, typeName, type Value } from './python-values.ts';
import { grow, TemplateError } from './work-meter.ts';

/** Jinja2's sandbox refuses longer ranges. */
const MAX_RANGE = 100_000;
const TOO_BIG = `Range too big. The sandbox blocks ranges larger than MAX_RANGE (${MAX_RANGE}).`;

/** `range`, `namespace`, `dict`, `raise_exception` and `strftime_now` of spec section 4.1. */
export function templateGlobals(formatNow: (format: string) => string): ReadonlyMap<string, Value> {
  const range = Callable.native('range', null, ({ positional }) => {
    const numbers = positional.map((value) => {
      if (typeof value === 'bigint') throw new TemplateError(TOO_BIG);
      if (typeof value !== 'number') throw new TemplateError(`'${typeName(value)}' object cannot be interpreted as an integer`);
      return value;
    });
    const [start, stop, step] = numbers.length < 2 ? [0, numbers[0] ?? 0, 1] : [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 1];
    if (step === 0) throw new TemplateError('range() arg 3 must not be zero');
    const size = Math.max(0, Math.ceil((stop - start) / step));
    if (size > MAX_RANGE) throw new TemplateError(TOO_BIG);
    grow(size * 16);
    return Array.from({ length: size }, (_, i) => start + i * step);
  });
  const namespace = Callable.native('namespace', null, ({ positional, keyword }) => {
    const made = new Namespace();
    if (positional[0] instanceof Map) for (const [key, value] of positional[0]) made.attributes.set(requireText(key), value);
    for (const [key, value] of keyword) made.attributes.set(key, value);
    return made;
  });
  const raise = Callable.native('raise_exception', null, ({ positional }) => {
    throw new TemplateError(toText(positional[0] ?? ''));
  });
  const now = Callable.native('strftime_now', null, ({ positional }) => formatNow(requireText(positional[0])));
  return new Map<string, Value>([
    ['range', range],
    ['namespace', namespace],
    ['raise_exception', raise],
    ['strftime_now', now],
    ['dict', Callable.native('dict', null, ({ keyword }) => new Map<Value, Value>(keyword))],
  ]);
}
