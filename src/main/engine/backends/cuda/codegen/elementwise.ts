/** @file Ops of two inputs, lane by lane: what PTX says for each. */
import type { DType } from '../../../ir/dtype.ts';
import type { CoreOp, Op } from '../../../ir/op-types.ts';
import type { KernelText } from './kernel-text.ts';
import { mapLanes, rounded, type Lanes } from './lanes.ts';

interface Types {
  readonly inputs: DType;
  readonly result: DType;
}

type Write = (k: KernelText, types: Types, a: string, b: string) => string;

/** `.rn` keeps ptxas from contracting into fused multiply-adds. */
function arithmetic(float: string, integer: string | null): Write {
  return (k, { result }, a, b) => (result === 'i32' && integer !== null ? k.pure(integer, 'r', a, b) : rounded(k, result, k.pure(float, 'f', a, b)));
}

/** @param ofBools the same over predicates */
function comparison(name: string, ofBools: (k: KernelText, a: string, b: string) => string): Write {
  return (k, { inputs }, a, b) => (inputs === 'bool' ? ofBools(k, a, b) : k.pure(`setp.${name}.${inputs === 'i32' ? 's32' : 'f32'}`, 'p', a, b));
}

function negated(k: KernelText, a: string): string {
  return k.pure('not.pred', 'p', a);
}

// NaN wins in max and min, as in NumPy and torch.
const BINARY = {
  add: arithmetic('add.rn.f32', 'add.s32'),
  sub: arithmetic('sub.rn.f32', 'sub.s32'),
  mul: arithmetic('mul.rn.f32', 'mul.lo.s32'),
  div: arithmetic('div.rn.f32', null),
  max: arithmetic('max.NaN.f32', 'max.s32'),
  min: arithmetic('min.NaN.f32', 'min.s32'),
  equal: comparison('eq', (k, a, b) => negated(k, k.pure('xor.pred', 'p', a, b))),
  less: comparison('lt', (k, a, b) => k.pure('and.pred', 'p', negated(k, a), b)),
  lessEqual: comparison('le', (k, a, b) => k.pure('or.pred', 'p', negated(k, a), b)),
  and: (k, _, a, b) => k.pure('and.pred', 'p', a, b),
} as const satisfies { readonly [K in CoreOp]?: Write };

export type Binary = keyof typeof BINARY;

export function isBinary(op: Op): op is Binary {
  return Object.hasOwn(BINARY, op);
}

/** @param dtype of the result */
export function binary(k: KernelText, op: Binary, dtype: DType, left: Lanes, right: Lanes): Lanes {
  const types = { inputs: left.dtype, result: dtype };
  return mapLanes(dtype, [left, right], (a, b) => BINARY[op](k, types, a!, b!));
}
