/**
 * The values a chat template computes with, following Python: integers and floats are distinct (`1.0` prints as
 * `1.0`), `True`/`None` print capitalised, containers print as their `repr`, and a missing name is an `Undefined`
 * that prints as nothing and fails on use. Knows nothing of Jinja's syntax.
 */
import { replaceEach } from './find-text.ts';
import { checkLength, grow, spend, TemplateError } from './work-meter.ts';

export class PyFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export class Undefined {
  readonly hint: string;
  constructor(hint: string) {
    this.hint = hint;
  }
}

/** A list that prints with round brackets. */
export class Tuple extends Array<Value> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array; // what is derived from a tuple is a plain list
  }
}

/** `namespace(...)`: the one mutable object of a template. */
export class Namespace {
  readonly attributes = new Map<string, Value>();
}

export type Arguments = { readonly positional: readonly Value[]; readonly keyword: ReadonlyMap<string, Value> };

type Run = (args: Arguments) => Value;

export class Callable {
  readonly name: string;
  readonly call: Run;
  private constructor(name: string, call: Run) {
    this.name = name;
    this.call = call;
  }

  /**
   * A method of ours on `receiver` (null for a function). Its work is charged here, at each call and not where it is looked up, by the
   * length of receiver, arguments and result: so no method can be without a charge.
   */
  static native(name: string, receiver: Value, run: Run): Callable {
    return new Callable(name, (args) => charged(receiver, args, () => run(args)));
  }

  /** A macro: its body is charged as it runs. */
  static macro(name: string, run: Run): Callable {
    return new Callable(name, run);
  }
}

export type Dict = Map<Value, Value>;
export type Value = string | number | bigint | boolean | null | PyFloat | Undefined | Namespace | Callable | Dict | Value[];

/** Does `work` on a value, charged by the length of the value, of the arguments and of what comes of it. */
export function charged(subject: Value, { positional, keyword }: Arguments, work: () => Value): Value {
  read(subject);
  for (const value of positional) read(value);
  for (const value of keyword.values()) read(value);
  const result = work();
  if (typeof result === 'string' || Array.isArray(result)) checkLength(result.length);
  read(result);
  return result;
}

/** UTF-16 units of all texts in a value of JSON. */
export function textSize(value: Value): number {
  if (typeof value === 'string') return value.length;
  let size = 0;
  if (Array.isArray(value)) for (const item of value) size += textSize(item);
  else if (value instanceof Map) for (const [key, item] of value) size += textSize(key) + textSize(item);
  return size;
}

/** Charges for looking through a value once, without its contents. */
export function read(value: Value): void {
  if (typeof value === 'string' || Array.isArray(value)) spend(1 + value.length / 16);
  else if (value instanceof Map) spend(1 + value.size / 16);
}

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint') return 'int';
  if (value instanceof PyFloat) return 'float';
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Namespace) return 'Namespace';
  if (value instanceof Callable) return 'function';
  return Array.isArray(value) ? 'list' : 'dict';
}

export function isTrue(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false;
  if (value instanceof PyFloat) return value.value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  if (value instanceof Namespace || value instanceof Callable) return true;
  return Boolean(value);
}

/** The number behind an int, float or bool (Python's `True` is 1), else undefined. */
export function asNumber(value: Value): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof PyFloat ? value.value : undefined;
}

export function isEqual(a: Value, b: Value): boolean {
  spend(1);
  if (typeof a === 'string') {
    if (typeof b !== 'string' || a.length !== b.length) return false;
    read(a);
    return a === b;
  }
  if (a === b) return true;
  const x = asNumber(a);
  if (x !== undefined) {
    const y = asNumber(b);
    return y !== undefined && x >= y && x <= y; // by value, also between an integer and a float
  }
  if (a instanceof Undefined) return b instanceof Undefined;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i] as Value));
  if (!(a instanceof Map && b instanceof Map) || a.size !== b.size) return false;
  for (const [key, value] of a) {
    read(key);
    const other = b.get(key);
    if (other === undefined || !isEqual(value, other)) return false;
  }
  return true;
}

/** Three-way comparison; throws Python's TypeError text for types that have no order. */
export function compare(a: Value, b: Value, operator = '<'): number {
  read(a);
  read(b);
  const x = asNumber(a);
  const y = asNumber(b);
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : x >= y ? 0 : NaN;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      if (!isEqual(a[i] as Value, b[i] as Value)) return compare(a[i] as Value, b[i] as Value, operator);
    }
    return a.length - b.length;
  }
  if (a instanceof Undefined) throw new TemplateError(a.hint);
  if (b instanceof Undefined) throw new TemplateError(b.hint);
  throw new TemplateError(`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

// Python orders by code point, JavaScript by UTF-16 unit: surrogates stand for what is above all else.
function compareText(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointOrder(x) - codePointOrder(y);
  }
  return a.length - b.length;
}

function codePointOrder(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

/** `repr(float)`: shortest round-trip digits, exponent form below 1e-4 and from 1e16. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const plain = exponent < 0 ? value.toFixed(Math.max(0, digits.replace(/[-.]/g, '').length - 1 - exponent)) : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

/** Digits that Python reads or prints as one integer. */
export const MAX_DIGITS = 4300;

export function tooManyDigits(): TemplateError {
  return new TemplateError(`Exceeds the limit (${MAX_DIGITS} digits) for integer string conversion`);
}

/** `str(int)`. @throws TemplateError beyond the digits that Python prints */
export function integerText(value: number | bigint): string {
  if (typeof value === 'number') return String(value);
  const text = value.toString();
  spend(text.length / 16);
  if (text.length - Number(value < 0n) > MAX_DIGITS) throw tooManyDigits();
  return text;
}

/** `str(value)`, which is what `{{ }}` prints. */
export function toText(value: Value): string {
  if (typeof value === 'string') return value;
  return value instanceof Undefined ? '' : repr(value);
}

function repr(value: Value): string {
  read(value);
  if (value === null) return 'None';
  if (typeof value === 'string') return stringRepr(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' || typeof value === 'bigint') return integerText(value);
  if (value instanceof PyFloat) return floatText(value.value);
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Namespace) return `<Namespace {${joined([...value.attributes].map(([k, v]) => `${stringRepr(k)}: ${repr(v)}`))}}>`;
  if (value instanceof Callable) return `<function ${value.name}>`;
  if (Array.isArray(value)) {
    const items = joined(value.map(repr));
    return value instanceof Tuple ? `(${items}${value.length === 1 ? ',' : ''})` : `[${items}]`;
  }
  return `{${joined([...value].map(([k, v]) => `${repr(k)}: ${repr(v)}`))}}`;
}

/** Each level of a nested value writes all that is in it once more. */
function joined(texts: readonly string[]): string {
  grow(texts.reduce((size, text) => size + text.length + 2, 0));
  return texts.join(', ');
}

function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // As str.isprintable() has it: whatever shows nothing but the space itself is escaped.
  const escaped = replaceEach(text, /[\\'"]|(?! )[\p{C}\p{Z}]/gu, (c) => {
    if (c === '\\') return '\\\\';
    if (c === '\n') return '\\n';
    if (c === '\r') return '\\r';
    if (c === '\t') return '\\t';
    if (c === "'" || c === '"') return c === quote ? `\\${c}` : c;
    const code = c.codePointAt(0)!;
    const hex = (digits: number) => code.toString(16).padStart(digits, '0');
    return code < 0x100 ? `\\x${hex(2)}` : code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`;
  });
  return quote + escaped + quote;
}

/** What `for` and `list` go over: a list's items, a dict's keys, a string's code points. */
export function iterate(value: Value): readonly Value[] {
  read(value);
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys()];
  if (typeof value === 'string') return characters(value);
  if (value instanceof Undefined) return [];
  throw new TemplateError(`'${typeName(value)}' object is not iterable`);
}

/** A text's code points. */
export function characters(text: string): string[] {
  spend(1 + text.length / 4);
  return Array.from(text);
}

/** Whether code points and UTF-16 units are the same thing in this text. */
export function isFlat(text: string): boolean {
  return !/[\ud800-\udfff]/.test(text);
}

/** `len(value)` in code points, items or keys. */
export function length(value: Value): number {
  read(value);
  if (typeof value === 'string') {
    let count = 0;
    for (const _ of value) count++;
    return count;
  }
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  if (value instanceof Undefined) return 0;
  throw new TemplateError(`object of type '${typeName(value)}' has no len()`);
}
