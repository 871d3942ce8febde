/** Jinja's `is` tests. */
import { indexOfText } from './find-text.ts';
import { arithmetic } from './python-numbers.ts';
import { Callable, Namespace, PyFloat, Undefined, asNumber, compare, isEqual, iterate, read, typeName, type Value } from './python-values.ts';
import { makeEach, TemplateError } from './work-meter.ts';

type Test = (value: Value, argument: Value | undefined) => boolean;

const modulo = (value: Value, divisor: Value): Value => {
  if (asNumber(value) === undefined) throw new TemplateError(`a number is needed here, got ${typeName(value)}`);
  return arithmetic('%', value, divisor);
};
const needed = (argument: Value | undefined): Value => {
  if (argument === undefined) throw new TemplateError('this test needs an argument');
  return argument;
};
const equal: Test = (value, argument) => isEqual(value, needed(argument));

/** `item in container`, as the operator and as the test. */
export function contains(container: Value, item: Value): boolean {
  if (typeof container === 'string') {
    read(container);
    if (typeof item !== 'string') throw new TemplateError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
    return indexOfText(container, item) >= 0;
  }
  read(item);
  if (container instanceof Map) return container.has(item);
  return iterate(container).some((other) => isEqual(item, other));
}

/** What looks at the kind of a value and not into it, and so costs the same whatever its length. */
export const KIND_TESTS: Readonly<Record<string, Test>> = {
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  none: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  true: (value) => value === true,
  false: (value) => value === false,
  string: (value) => typeof value === 'string',
  mapping: (value) => value instanceof Map,
  number: (value) => asNumber(value) !== undefined,
  integer: (value) => typeof value === 'number' || typeof value === 'bigint',
  float: (value) => value instanceof PyFloat,
  // An Undefined can be iterated, hence is iterable and a sequence, in Jinja2 as here.
  iterable: (value) => typeof value === 'string' || Array.isArray(value) || value instanceof Map || value instanceof Undefined,
  sequence: (value) => typeof value === 'string' || Array.isArray(value) || value instanceof Map || value instanceof Undefined,
  callable: (value) => value instanceof Callable,
};

export const TESTS: Readonly<Record<string, Test>> = {
  odd: (value) => isEqual(modulo(value, 2), 1),
  even: (value) => isEqual(modulo(value, 2), 0),
  divisibleby: (value, argument) => isEqual(modulo(value, needed(argument)), 0),
  lower: (value) => typeof value === 'string' && value === value.toLowerCase() && value !== value.toUpperCase(),
  upper: (value) => typeof value === 'string' && value === value.toUpperCase() && value !== value.toLowerCase(),
  equalto: equal,
  eq: equal,
  '==': equal,
  ne: (value, argument) => !isEqual(value, needed(argument)),
  '!=': (value, argument) => !isEqual(value, needed(argument)),
  lt: (value, argument) => compare(value, needed(argument)) < 0,
  gt: (value, argument) => compare(value, needed(argument), '>') > 0,
  in: (value, argument) => contains(needed(argument), value),
  sameas: (value, argument) => value === argument,
};

export function applyTest(name: string, value: Value, argument?: Value): boolean {
  if (Object.hasOwn(KIND_TESTS, name)) return (KIND_TESTS[name] as Test)(value, argument);
  if (!Object.hasOwn(TESTS, name)) throw new TemplateError(`No test named '${name}'.`);
  read(value);
  if (argument !== undefined) read(argument);
  return (TESTS[name] as Test)(value, argument);
}

/** An attribute the way Jinja's `attribute=` arguments take it: dotted names and list positions. */
export function attribute(value: Value, path: Value): Value {
  if (typeof path !== 'number' && typeof path !== 'string') throw new TemplateError(`an attribute is a name or a position, not ${typeName(path)}`);
  let current = value;
  read(path);
  const parts = typeof path === 'number' ? [path] : path.split('.');
  makeEach(parts.length);
  for (const part of parts) {
    if (current instanceof Map) current = current.get(part) ?? new Undefined(`'dict object' has no attribute '${part}'`);
    else if (current instanceof Namespace)
      current = current.attributes.get(String(part)) ?? new Undefined(`'Namespace' object has no attribute '${part}'`);
    else if (Array.isArray(current) && /^\d+$/.test(String(part)))
      current = current[Number(part)] ?? new Undefined(`list object has no element ${part}`);
    else current = new Undefined(`'${typeName(current)} object' has no attribute '${part}'`);
  }
  return current;
}
