import { markedNumber, plainKey } from '../../../../shared/lib/exact-json.ts';
import { integerOf } from './python-numbers.ts';
import { PyFloat, Undefined, type Dict, type Value } from './python-values.ts';
import { TemplateError } from './work-meter.ts';

/** Levels of lists and dicts that Python's reader goes down. */
const MAX_DEPTH = 950;

/**
 * Python values from JSON ones, as `json.loads` would have made them of the text: marked numbers (`exact-json.ts`) by their text,
 * others by the text that JSON has for them, dicts in the order of their keys.
 */
export function fromJson(input: unknown, depth = 0): Value {
  if (depth > MAX_DEPTH) throw new TemplateError('maximum recursion depth exceeded');
  if (input === undefined) return new Undefined('value is undefined');
  if (input === null || typeof input === 'string' || typeof input === 'boolean') return input;
  if (typeof input === 'number') return Number.isSafeInteger(input) ? input + 0 : fromNumber(String(input));
  if (Array.isArray(input)) return input.map((item) => fromJson(item, depth + 1));
  if (typeof input !== 'object') throw new TemplateError(`a value of type ${typeof input} cannot be given to a template`);
  const number = markedNumber(input);
  if (number !== undefined) return fromNumber(number);
  const dict: Dict = new Map();
  for (const [key, value] of Object.entries(input)) dict.set(plainKey(key), fromJson(value, depth + 1));
  return dict;
}

function fromNumber(text: string): Value {
  return /^-?\d+$/.test(text) ? integerOf(text) : new PyFloat(Number(text));
}
