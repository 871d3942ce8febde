/**
 * The values a chat template computes with, following Python: integers and floats are distinct (`1.0` prints as
 * `1.0`), `True`/`None` print capitalised, containers print as their `repr`, and a missing name is an `Undefined`
 * that prints as nothing and fails on use. Knows nothing of Jinja's syntax.
 */

/** An error of the template itself (its own `raise_exception`, a type error, an undefined name). */
export class TemplateError extends Error {}

/** The template exceeded what one rendering may cost. */
export class TemplateLimitError extends TemplateError {}

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

export class Callable {
  readonly name: string;
  readonly call: (args: Arguments) => Value;
  constructor(name: string, call: (args: Arguments) => Value) {
    this.name = name;
    this.call = call;
  }
}

export type Dict = Map<Value, Value>;
export type Value = string | number | boolean | null | PyFloat | Undefined | Namespace | Callable | Dict | Value[];

// What the rendering in progress may still spend. Module state, because every comparison and every print is charged
// and a forgotten parameter would be a hole; safe, because a rendering is synchronous and never nested.
let stepsLeft = 0;
let maxLength = 0;

/**
 * Runs one rendering with an allowance of evaluation steps. Characters and list elements that an operation reads or
 * makes cost steps too, so neither loops nor doubling strings can exhaust time or memory, and the same row fails on
 * every machine (a clock would not give that). `longest` bounds any one string or list.
 * @throws TemplateLimitError from within, once the allowance is spent.
 */
export function metered<T>(steps: number, longest: number, run: () => T): T {
  stepsLeft = steps;
  maxLength = longest;
  try {
    return run();
  } finally {
    stepsLeft = 0;
  }
}

export function spend(steps: number): void {
  stepsLeft -= steps;
  if (stepsLeft < 0) throw new TemplateLimitError('the template does not end: it exceeded the work allowed for one row');
}

/** Charges for making or reading a string of `size` UTF-16 units, or a list of `size` elements. */
export function grow(size: number): void {
  checkLength(size);
  spend(1 + size / 16);
}

/** Refuses any one value of more than the rendering's longest length. */
export function checkLength(size: number): void {
  if (size <= maxLength) return;
  throw new TemplateLimitError(`the template makes a value of ${size} characters or elements (limit ${maxLength})`);
}

/** Charges for looking through a value once, without its contents. */
export function read(value: Value): void {
  if (typeof value === 'string' || Array.isArray(value)) spend(1 + value.length / 16);
  else if (value instanceof Map) spend(1 + value.size / 16);
}

/** Python values from JSON. Numbers without a fractional part count as integers: JSON text `1.0` has lost its dot. */
export function fromJson(input: unknown): Value {
  if (input === undefined) return new Undefined('value is undefined');
  if (input === null || typeof input === 'string' || typeof input === 'boolean') return input;
  if (typeof input === 'number') return Number.isInteger(input) ? input : new PyFloat(input);
  if (Array.isArray(input)) return input.map(fromJson);
  if (typeof input === 'object') {
    const dict: Dict = new Map();
    for (const [key, value] of Object.entries(input)) dict.set(key, fromJson(value));
    return dict;
  }
  throw new TemplateError(`a value of type ${typeof input} cannot be given to a template`);
}

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'int';
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
export function asNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof PyFloat ? value.value : undefined;
}

export function isEqual(a: Value, b: Value): boolean {
  read(a);
  if (a === b) return true;
  const x = asNumber(a);
  if (x !== undefined) return x === asNumber(b);
  if (a instanceof Undefined) return b instanceof Undefined;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i] as Value));
  if (!(a instanceof Map && b instanceof Map) || a.size !== b.size) return false;
  for (const [key, value] of a) {
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
  if (x !== undefined && y !== undefined) return x - y;
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

// Python orders by code point, JavaScript by UTF-16 unit; they differ above U+FFFF.
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const x = Array.from(a);
  const y = Array.from(b);
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = (x[i] as string).codePointAt(0)! - (y[i] as string).codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
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
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString();
  if (value instanceof PyFloat) return floatText(value.value);
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Namespace) return `<Namespace {${[...value.attributes].map(([k, v]) => `${stringRepr(k)}: ${repr(v)}`).join(', ')}}>`;
  if (value instanceof Callable) return `<function ${value.name}>`;
  if (Array.isArray(value)) {
    const items = value.map(repr).join(', ');
    return value instanceof Tuple ? `(${items}${value.length === 1 ? ',' : ''})` : `[${items}]`;
  }
  return `{${[...value].map(([k, v]) => `${repr(k)}: ${repr(v)}`).join(', ')}}`;
}

function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // oxlint-disable-next-line no-control-regex -- repr() escapes control characters
  const escaped = text.replace(/[\\\n\r\t'"\u0000-\u001f\u007f-\u00a0\u00ad]/g, (c) => {
    if (c === '\\') return '\\\\';
    if (c === '\n') return '\\n';
    if (c === '\r') return '\\r';
    if (c === '\t') return '\\t';
    if (c === "'" || c === '"') return c === quote ? `\\${c}` : c;
    return `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return quote + escaped + quote;
}

/** What `for` and `list` go over: a list's items, a dict's keys, a string's code points. */
export function iterate(value: Value): readonly Value[] {
  read(value);
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys()];
  if (typeof value === 'string') return Array.from(value);
  if (value instanceof Undefined) return [];
  throw new TemplateError(`'${typeName(value)}' object is not iterable`);
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
