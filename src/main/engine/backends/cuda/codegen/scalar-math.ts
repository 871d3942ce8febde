/**
 * @file f32 functions in PTX, each within a few units in the last place. `x` and results are f32 registers.
 * Reductions: exp by n = floor(x / ln 2) in two parts; log as fdlibm's e_logf (2 atanh form); sin and cos by multiples of pi / 2 in
 * f64, which keeps rope's angles (1e5 rad and more) exact to f32.
 */
import type { CoreOp, Op } from '../../../ir/op-types.ts';
import { f32Literal, f64Literal, type KernelText } from './kernel-text.ts';

const LOG2_E = Math.log2(Math.E);
const LOG2_E_HIGH = Math.fround(LOG2_E);
const LOG2_E_LOW = LOG2_E - LOG2_E_HIGH;
const LN2_HIGH = 0.69313812255859375; // 16 bits: exact times any exponent
const LN2_LOW = Math.LN2 - LN2_HIGH;
const PI_HALF_HIGH = Math.PI / 2;
const PI_HALF_LOW = 6.123233995736766e-17;

type Write = (k: KernelText, x: string) => string;

const FLOAT_FUNCTIONS = {
  neg: (k, x) => k.pure('neg.f32', 'f', x),
  abs: (k, x) => k.pure('abs.f32', 'f', x),
  sqrt: (k, x) => k.pure('sqrt.rn.f32', 'f', x),
  exp,
  log,
  sigmoid: (k, x) => k.pure('rcp.rn.f32', 'f', add(k, exp(k, k.pure('neg.f32', 'f', x)), literal(1))),
  tanh,
  sin: (k, x) => sine(k, x, 0),
  cos: (k, x) => sine(k, x, 1),
  erf,
} as const satisfies { readonly [K in CoreOp]?: Write };

export type FloatFunction = keyof typeof FLOAT_FUNCTIONS;

export function isFloatFunction(op: Op): op is FloatFunction {
  return Object.hasOwn(FLOAT_FUNCTIONS, op);
}

export function floatFunction(k: KernelText, op: FloatFunction, x: string): string {
  return FLOAT_FUNCTIONS[op](k, x);
}

function literal(value: number): string {
  return f32Literal(value);
}

function add(k: KernelText, a: string, b: string): string {
  return k.pure('add.rn.f32', 'f', a, b);
}

function mul(k: KernelText, a: string, b: string): string {
  return k.pure('mul.rn.f32', 'f', a, b);
}

function fma(k: KernelText, a: string, b: string, c: string): string {
  return k.pure('fma.rn.f32', 'f', a, b, c);
}

/** Coefficients from the constant upward. */
function polynomial(k: KernelText, x: string, coefficients: readonly number[]): string {
  const [last, ...rest] = coefficients.toReversed();
  return rest.reduce((sum, coefficient) => fma(k, sum, x, literal(coefficient)), k.pure('mov.f32', 'f', literal(last!)));
}

/** Exponents that 2^n is built for: n from -126 to 126. Beyond them f takes the rest, and ex2 ends in 0 or infinity by itself. */
const EXPONENTS = 252;
/** 1.5 * 2^23 plus 1: a float whose lowest bits count in ones, so that adding an integer puts n + 127 there. */
const COUNTER = 12_582_913;

/** e^x = 2^f 2^n with n = floor(x / ln 2) held within range; NaN passes through f. */
function exp(k: KernelText, x: string): string {
  const place = k.pure('fma.rn.sat.f32', 'f', x, literal(LOG2_E / EXPONENTS), literal(0.5));
  const counted = k.pure('fma.rm.f32', 'f', place, literal(EXPONENTS), literal(COUNTER));
  const minusN = k.pure('sub.rn.f32', 'f', literal(COUNTER + EXPONENTS / 2), counted);
  const f = fma(k, x, literal(LOG2_E_LOW), fma(k, x, literal(LOG2_E_HIGH), minusN));
  const power = k.pure('mov.b32', 'f', k.pure('shl.b32', 'r', k.pure('mov.b32', 'r', counted), '23'));
  return mul(k, k.pure('ex2.approx.f32', 'f', f), power);
}

/** x = 2^e (1 + f) with 1 + f in [2/3, 4/3); log1p(f) = f - (f^2/2 - s (f^2/2 + R)), s = f / (2 + f). */
function log(k: KernelText, x: string): string {
  const small = k.pure('setp.lt.f32', 'p', x, literal(2 ** -126));
  const scaled = k.pure('selp.f32', 'f', mul(k, x, literal(2 ** 23)), x, small);
  const bits = k.pure('mov.b32', 'r', scaled);
  const shifted = k.pure('and.b32', 'r', k.pure('sub.s32', 'r', bits, String(0x3f2aaaab)), String(0xff800000 | 0));
  const f = add(k, k.pure('mov.b32', 'f', k.pure('sub.s32', 'r', bits, shifted)), literal(-1));
  const e0 = k.pure('cvt.rn.f32.s32', 'f', k.pure('shr.s32', 'r', shifted, '23'));
  const e = k.pure('selp.f32', 'f', add(k, e0, literal(-23)), e0, small);
  const s = k.pure('div.rn.f32', 'f', f, add(k, f, literal(2)));
  const z = mul(k, s, s);
  const r = mul(k, z, polynomial(k, z, [2 / 3, 2 / 5, 2 / 7, 2 / 9, 2 / 11]));
  const halfSquare = mul(k, mul(k, f, f), literal(0.5));
  const correction = fma(k, s, add(k, halfSquare, r), mul(k, e, literal(LN2_LOW)));
  const low = k.pure('sub.rn.f32', 'f', halfSquare, correction);
  const finite = fma(k, e, literal(LN2_HIGH), k.pure('sub.rn.f32', 'f', f, low));
  const positive = k.pure('selp.f32', 'f', finite, k.pure('lg2.approx.f32', 'f', x), k.pure('setp.gt.f32', 'p', x, literal(0)));
  // lg2 gives what log gives at 0, below, NaN; infinity is its own logarithm.
  return k.pure('selp.f32', 'f', x, positive, k.pure('setp.eq.f32', 'p', x, literal(Infinity)));
}

/** Below 0.625 a polynomial in x^2 (least squares, relative error 3e-9); above, 1 - 2 / (e^2|x| + 1). */
function tanh(k: KernelText, x: string): string {
  const z = mul(k, x, x);
  const small = fma(k, mul(k, polynomial(k, z, TANH), z), x, x);
  const size = k.pure('abs.f32', 'f', x);
  const grown = add(k, exp(k, add(k, size, size)), literal(1));
  const large = fma(k, k.pure('rcp.rn.f32', 'f', grown), literal(-2), literal(1));
  const signed = k.pure('copysign.f32', 'f', x, large);
  return k.pure('selp.f32', 'f', small, signed, k.pure('setp.lt.f32', 'p', size, literal(0.625)));
}

const TANH = [-0.3333333134651184, 0.1333320140838623, -0.05394625291228294, 0.021698210388422012, -0.008171788416802883, 0.002138226293027401];

/** Below 0.93 a polynomial in x^2, above 1 - e^(t p(t) - t) with t = |x| up to 4, where the next f32 is 1 (least squares, error 2e-9 and less). */
function erf(k: KernelText, x: string): string {
  const small = fma(k, polynomial(k, mul(k, x, x), ERF), x, x);
  const size = k.pure('abs.f32', 'f', x);
  const t = k.pure('min.NaN.f32', 'f', size, literal(4));
  const exponent = k.pure('sub.rn.f32', 'f', mul(k, polynomial(k, t, ERFC), t), t);
  const large = k.pure('copysign.f32', 'f', x, k.pure('sub.rn.f32', 'f', literal(1), exp(k, exponent)));
  return k.pure('selp.f32', 'f', small, large, k.pure('setp.lt.f32', 'p', size, literal(0.93)));
}

const ERF = [
  0.12837916612625122, -0.37612631916999817, 0.11283686012029648, -0.026858879253268242, 0.005199771374464035, -0.0008128638728521764,
  8.311534475069493e-5,
];
const ERFC = [
  -0.12856006622314453, -0.6355854272842407, -0.10534261912107468, 0.02276119589805603, -0.0029856946785002947, 7.032315625110641e-5,
  4.1387051169294864e-5, -4.583824193105102e-6,
];

/** sin(x + quadrant * pi / 2): x = q * pi / 2 + r, |r| <= pi / 4, then Taylor polynomials in f32. */
function sine(k: KernelText, x: string, quadrant: number): string {
  const wide = k.pure('cvt.f64.f32', 'e', x);
  const q = k.pure('cvt.rni.f64.f64', 'e', k.pure('mul.rn.f64', 'e', wide, f64Literal(2 / Math.PI)));
  const minusQ = k.pure('neg.f64', 'e', q);
  const r64 = k.pure('fma.rn.f64', 'e', minusQ, f64Literal(PI_HALF_LOW), k.pure('fma.rn.f64', 'e', minusQ, f64Literal(PI_HALF_HIGH), wide));
  const r = k.pure('cvt.rn.f32.f64', 'f', r64);
  // q modulo 4, exact in f64 whatever its size.
  const fours = k.pure('cvt.rmi.f64.f64', 'e', k.pure('mul.rn.f64', 'e', q, f64Literal(0.25)));
  const turn = k.pure('cvt.rzi.s32.f64', 'r', k.pure('fma.rn.f64', 'e', fours, f64Literal(-4), q));
  const place = k.pure('add.s32', 'r', turn, String(quadrant));
  const z = mul(k, r, r);
  const sin = fma(k, mul(k, polynomial(k, z, [-1 / 6, 1 / 120, -1 / 5040, 1 / 362880]), z), r, r);
  const cos = fma(k, polynomial(k, z, [-1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800]), z, literal(1));
  const odd = k.pure('setp.ne.s32', 'p', k.pure('and.b32', 'r', place, '1'), '0');
  const negative = k.pure('setp.ne.s32', 'p', k.pure('and.b32', 'r', place, '2'), '0');
  const value = k.pure('selp.f32', 'f', cos, sin, odd);
  return k.pure('selp.f32', 'f', k.pure('neg.f32', 'f', value), value, negative);
}
