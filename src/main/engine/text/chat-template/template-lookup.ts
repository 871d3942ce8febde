/** `object.name` and `object[key]` with Jinja2's precedence; values have no other attributes than those listed here. */
import { STRING_METHODS } from './python-strings.ts';
import {
  Callable,
  Namespace,
  Tuple,
  Undefined,
  characters,
  isEqual,
  isFlat,
  read,
  toText,
  typeName,
  type Arguments,
  type Dict,
  type Value,
} from './python-values.ts';
import { grow, makeEach, TemplateError } from './work-meter.ts';

type Method<Receiver> = (receiver: Receiver, args: Arguments) => Value;

export const LIST_METHODS: Readonly<Record<string, Method<readonly Value[]>>> = {
  count: (list, { positional }) => list.filter((item) => isEqual(item, positional[0] as Value)).length,
  index: (list, { positional }) => {
    const at = list.findIndex((item) => isEqual(item, positional[0] as Value));
    if (at < 0) throw new TemplateError('the item is not in the list');
    return at;
  },
};

export const DICT_METHODS: Readonly<Record<string, Method<Dict>>> = {
  items: (dict) => {
    makeEach(dict.size);
    return [...dict].map(([key, value]) => Tuple.of(key, value));
  },
  keys: (dict) => [...dict.keys()],
  values: (dict) => [...dict.values()],
  get: (dict, { positional }) => {
    const found = dict.get(positional[0] as Value);
    return found === undefined ? (positional[1] ?? null) : found;
  },
};

function method(object: Value, name: string): Callable | undefined {
  if (typeof object === 'string') return bound(STRING_METHODS, object, name);
  if (object instanceof Map) return bound(DICT_METHODS, object, name);
  return Array.isArray(object) ? bound(LIST_METHODS, object, name) : undefined;
}

function bound<Receiver extends Value>(table: Readonly<Record<string, Method<Receiver>>>, receiver: Receiver, name: string): Callable | undefined {
  if (!Object.hasOwn(table, name)) return undefined;
  return Callable.native(name, receiver, (args) => (table[name] as Method<Receiver>)(receiver, args));
}

/** `object.name`: a method before a key, as Jinja2 looks up attributes. */
export function attributeOf(object: Value, name: string): Value {
  if (object instanceof Undefined) throw new TemplateError(object.hint);
  if (object instanceof Namespace) return present(object.attributes.get(name), `'Namespace' object has no attribute '${name}'`);
  const bound = method(object, name);
  if (bound !== undefined) return bound;
  return present(object instanceof Map ? object.get(name) : undefined, noAttribute(object, name));
}

export const present = (value: Value | undefined, hint: string): Value => (value === undefined ? new Undefined(hint) : value);

function noAttribute(object: Value, name: string): string {
  return object === null ? `'None' has no attribute '${name}'` : `'${typeName(object)} object' has no attribute '${name}'`;
}

/** `object[key]`: a key or position before a method. */
export function subscript(object: Value, key: Value): Value {
  if (object instanceof Undefined) throw new TemplateError(object.hint);
  read(key);
  if (object instanceof Map && object.has(key)) return object.get(key) as Value;
  const index = typeof key === 'boolean' ? Number(key) : key;
  if (typeof index === 'number' && Array.isArray(object)) return present(object.at(index), `list object has no element ${index}`);
  if (typeof index === 'number' && typeof object === 'string') {
    grow(object.length);
    return present((isFlat(object) ? object : characters(object)).at(index), `str object has no element ${index}`);
  }
  if (typeof key !== 'string') return new Undefined(`${object === null ? 'None' : `${typeName(object)} object`} has no element ${toText(key)}`);
  if (object instanceof Namespace) return present(object.attributes.get(key), `'Namespace' object has no attribute '${key}'`);
  return method(object, key) ?? new Undefined(noAttribute(object, key));
}
