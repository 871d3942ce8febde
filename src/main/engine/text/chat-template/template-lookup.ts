/** `object.name` and `object[key]` with Jinja2's precedence; values have no other attributes than those listed here. */
import { STRING_METHODS } from './python-strings.ts';
import { Callable, Namespace, TemplateError, Tuple, Undefined, grow, isEqual, read, toText, typeName, type Value } from './python-values.ts';

function method(object: Value, name: string): Callable | undefined {
  if (typeof object === 'string' && Object.hasOwn(STRING_METHODS, name)) {
    read(object);
    return new Callable(name, (args) => (STRING_METHODS[name] as (typeof STRING_METHODS)[string])(object, args));
  }
  if (object instanceof Map) return dictMethod(object, name);
  if (Array.isArray(object) && name === 'count') {
    return new Callable(name, ({ positional }) => object.filter((item) => isEqual(item, positional[0] as Value)).length);
  }
  if (Array.isArray(object) && name === 'index') {
    return new Callable(name, ({ positional }) => {
      const at = object.findIndex((item) => isEqual(item, positional[0] as Value));
      if (at < 0) throw new TemplateError('the item is not in the list');
      return at;
    });
  }
  return undefined;
}

function dictMethod(dict: Map<Value, Value>, name: string): Callable | undefined {
  const listed = (items: () => Value[]): Callable =>
    new Callable(name, () => {
      grow(dict.size);
      return items();
    });
  switch (name) {
    case 'items':
      return listed(() => [...dict].map(([key, value]) => Tuple.of(key, value)));
    case 'keys':
      return listed(() => [...dict.keys()]);
    case 'values':
      return listed(() => [...dict.values()]);
    case 'get':
      return new Callable(name, ({ positional }) => {
        const found = dict.get(positional[0] as Value);
        return found === undefined ? (positional[1] ?? null) : found;
      });
    default:
      return undefined;
  }
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
  if (object instanceof Map && object.has(key)) return object.get(key) as Value;
  const index = typeof key === 'boolean' ? Number(key) : key;
  if (typeof index === 'number' && Array.isArray(object)) return present(object.at(index), `list object has no element ${index}`);
  if (typeof index === 'number' && typeof object === 'string') {
    grow(object.length);
    return present(Array.from(object).at(index), `str object has no element ${index}`);
  }
  if (typeof key !== 'string') return new Undefined(`${object === null ? 'None' : `${typeName(object)} object`} has no element ${toText(key)}`);
  if (object instanceof Namespace) return present(object.attributes.get(key), `'Namespace' object has no attribute '${key}'`);
  return method(object, key) ?? new Undefined(noAttribute(object, key));
}
