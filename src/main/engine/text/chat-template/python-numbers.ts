/**
 * Python's arithmetic: integers of any size, floats by IEEE, `//` and `%` with the sign of the divisor. An integer is a JavaScript
 * number while that holds it exactly and a bigint beyond, never both for one value, so that equal integers are equal keys.
 */
import { MAX_DIGITS, PyFloat, asNumber, tooManyDigits, typeName, type Value } from './python-values.ts';
import { spend, TemplateError, TemplateLimitError } from './work-meter.ts';

type Int = number | bigint;

/** Bits of an integer that a template may make: far beyond what Python would print. */
const MAX_BITS = 65_536;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** `left operator right` for numbers. @throws TemplateError with Python's words */
export function arithmetic(operator: string, left: Value, right: Value): Value {
  const [x, y] = [asNumber(left), asNumber(right)];
  if (x === undefined || y === undefined) {
    throw new TemplateError(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`);
  }
  if ((operator === '/' || operator === '//' || operator === '%') && (y === 0 || y === 0n)) throw new TemplateError('division by zero');
  const isFloat = left instanceof PyFloat || right instanceof PyFloat;
  if (isFloat || (operator === '**' && y < 0)) return new PyFloat(ofFloats(operator, toFloat(x), toFloat(y)));
  return operator === '/' ? new PyFloat(quotient(x, y)) : ofIntegers(operator, x, y);
}

/** `+value`; undefined for what is no number. */
export function positive(value: Value): Value | undefined {
  return value instanceof PyFloat ? value : asNumber(value);
}

/** `-value`; undefined for what is no number. */
export function negative(value: Value): Value | undefined {
  if (value instanceof PyFloat) return new PyFloat(-value.value);
  const number = asNumber(value);
  return typeof number === 'number' ? 0 - number : number === undefined ? undefined : -number;
}

/** The integer of digits, as `int` reads them. */
export function integerOf(digits: string): Int {
  if (digits.replace(/^[+-]/, '').length > MAX_DIGITS) throw tooManyDigits();
  return digits.length < 16 ? Number(digits) + 0 : normal(BigInt(digits.replace(/^\+/, '')));
}

/** `int(value)` of a finite float. */
export function truncated(value: number): Int {
  const whole = Math.trunc(value) + 0;
  return Number.isSafeInteger(whole) ? whole : BigInt(whole);
}

/** `float(value)` of any number. */
export function toFloat(value: Int): number {
  const float = Number(value);
  if (typeof value === 'bigint' && !Number.isFinite(float)) throw new TemplateError('int too large to convert to float');
  return float;
}

function ofIntegers(operator: string, x: Int, y: Int): Int {
  if (typeof x === 'number' && typeof y === 'number') {
    const result = small(operator, x, y);
    // A sum or product beyond 2^53 never rounds to a number below it.
    if (Number.isSafeInteger(result)) return result + 0;
  }
  const [a, b] = [BigInt(x), BigInt(y)];
  spend((bits(a) + bits(b)) / 64);
  return normal(large(operator, a, b));
}

function small(operator: string, x: number, y: number): number {
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    // Exact for integers below 2^53: the quotient is further from a whole number than rounding moves it.
    case '//':
      return Math.floor(x / y);
    case '%':
      return floorModulo(x, y);
    case '**':
      return x ** y;
    default:
      throw new TemplateError(`unknown operator ${operator}`);
  }
}

function large(operator: string, x: bigint, y: bigint): bigint {
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '//':
      return (x - bigModulo(x, y)) / y;
    case '%':
      return bigModulo(x, y);
    case '**':
      return power(x, y);
    default:
      throw new TemplateError(`unknown operator ${operator}`);
  }
}

function power(x: bigint, y: bigint): bigint {
  if (x > 1n || x < -1n) checkBits(BigInt(bits(x) - 1) * y);
  return x === 0n || x === 1n ? (y === 0n ? 1n : x) : x === -1n ? (y % 2n === 0n ? 1n : x) : x ** y;
}

function ofFloats(operator: string, x: number, y: number): number {
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return x / y;
    case '//':
      return floorDivided(x, y);
    case '%':
      return floorModulo(x, y);
    case '**':
      return finitePower(x, y);
    default:
      throw new TemplateError(`unknown operator ${operator}`);
  }
}

function finitePower(x: number, y: number): number {
  if (x === 0 && y < 0) throw new TemplateError('0.0 cannot be raised to a negative power');
  const result = x ** y;
  if (!Number.isFinite(result) && Number.isFinite(x) && Number.isFinite(y)) throw new TemplateError('the result of ** is not a finite number');
  return result;
}

function floorModulo(x: number, y: number): number {
  const rest = x % y;
  if (rest === 0) return y < 0 ? -0 : 0;
  return rest < 0 === y < 0 ? rest : rest + y;
}

function floorDivided(x: number, y: number): number {
  const rest = x % y;
  // As CPython does it, step by step: each rounding shows in the result.
  const whole = (x - rest) / y - (rest !== 0 && rest < 0 !== y < 0 ? 1 : 0);
  if (whole === 0) return x / y < 0 || Object.is(x / y, -0) ? -0 : 0;
  const floor = Math.floor(whole);
  return whole - floor > 0.5 ? floor + 1 : floor;
}

function bigModulo(x: bigint, y: bigint): bigint {
  const rest = x % y;
  return rest === 0n || rest < 0n === y < 0n ? rest : rest + y;
}

/** `x / y` of integers, rounded once. */
function quotient(x: Int, y: Int): number {
  if (typeof x === 'number' && typeof y === 'number') return x / y;
  const [a, b] = [magnitude(BigInt(x)), magnitude(BigInt(y))];
  const shift = Math.max(0, bits(b) - bits(a) + 66);
  const scaled = a << BigInt(shift);
  const whole = scaled / b;
  // Beyond 64 bits the last one only tells that there was a rest.
  const rounded = Number(scaled % b === 0n ? whole : whole | 1n);
  if (!Number.isFinite(rounded)) throw new TemplateError('integer division result too large for a float');
  return (x < 0 === y < 0 ? 1 : -1) * rounded * 2 ** -shift;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function bits(value: bigint): number {
  return magnitude(value).toString(16).length * 4;
}

function checkBits(size: bigint): void {
  if (size > MAX_BITS) throw new TemplateLimitError(`the template makes an integer of over ${MAX_BITS} bits`);
}

function normal(value: bigint): Int {
  if (value <= SAFE && value >= -SAFE) return Number(value);
  checkBits(BigInt(bits(value)));
  return value;
}
