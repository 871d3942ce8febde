/** `tojson`: Python's `json.dumps` with the defaults that Hugging Face templates get (spec section 4.1). */
import { replaceEach } from './find-text.ts';
import { Namespace, PyFloat, Undefined, compare, floatText, integerText, typeName, type Value } from './python-values.ts';
import { grow, makeEach, spend, TemplateError } from './work-meter.ts';

export interface JsonOptions {
  readonly ensureAscii: boolean;
  /** Text of one level, or null for a single line. */
  readonly indent: string | null;
  readonly itemSeparator: string;
  readonly keySeparator: string;
  readonly sortKeys: boolean;
}

/** @throws TemplateError for values JSON has no form for, as json.dumps does. */
export function dumpJson(value: Value, options: JsonOptions, depth = 0): string {
  spend(1);
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' || typeof value === 'bigint') return integerText(value);
  if (value instanceof PyFloat) return floatJson(value.value);
  if (typeof value === 'string') return stringJson(value, options);
  if (Array.isArray(value)) {
    return wrap(
      '[',
      ']',
      value.map((item) => dumpJson(item, options, depth + 1)),
      options,
      depth,
    );
  }
  if (value instanceof Map) {
    makeEach(value.size);
    const entries = [...value].map(([key, item]) => [keyText(key), item] as const);
    if (options.sortKeys) entries.sort(([a], [b]) => compare(a, b));
    const items = entries.map(([key, item]) => stringJson(key, options) + options.keySeparator + dumpJson(item, options, depth + 1));
    return wrap('{', '}', items, options, depth);
  }
  if (value instanceof Undefined || value instanceof Namespace) {
    throw new TemplateError(`Object of type ${typeName(value)} is not JSON serializable`);
  }
  throw new TemplateError('Object of type function is not JSON serializable');
}

function keyText(key: Value): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'boolean' || key === null) return String(key);
  if (typeof key === 'bigint') return integerText(key);
  if (key instanceof PyFloat) return floatJson(key.value);
  throw new TemplateError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

function floatJson(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatText(value);
}

function stringJson(text: string, options: JsonOptions): string {
  grow(text.length);
  const json = JSON.stringify(text);
  grow(json.length);
  return options.ensureAscii ? replaceEach(json, /[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`) : json;
}

function wrap(open: string, close: string, items: readonly string[], options: JsonOptions, depth: number): string {
  if (items.length === 0) return open + close;
  // Each level writes all that is in it once more, and separators and indents may be of any length.
  const between = options.itemSeparator.length + (options.indent === null ? 0 : 1 + options.indent.length * (depth + 1));
  grow(items.reduce((size, item) => size + item.length + between, 2 * between));
  if (options.indent === null) return open + items.join(options.itemSeparator) + close;
  const inner = `\n${options.indent.repeat(depth + 1)}`;
  return open + inner + items.join(options.itemSeparator + inner) + `\n${options.indent.repeat(depth)}` + close;
}
