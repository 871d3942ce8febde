import type { DType } from '../../../ir/dtype.ts';
import type { Op } from '../../../ir/op-types.ts';
import type { KernelText } from './kernel-text.ts';
import { mapLanes, rounded, type Lanes } from './lanes.ts';
import type { FloatFunction } from './scalar-math.ts';

type Arithmetic = 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min';
type Comparison = 'equal' | 'less' | 'lessEqual';
type Binary = Arithmetic | Comparison | 'and';

const FLOAT_FUNCTIONS: ReadonlySet<Op> = new Set<FloatFunction>(['neg', 'abs', 'exp', 'log', 'sqrt', 'tanh', 'sigmoid', 'sin', 'cos']);

// NaN wins in max and min, as in NumPy and torch. `.rn` keeps ptxas from contracting into fused multiply-adds.
const FLOAT: { readonly [K in Arithmetic]: string } = {
  add: 'add.rn.f32', sub: 'sub.rn.f32', mul: 'mul.rn.f32', div: 'div.rn.f32', max: 'max.NaN.f32', min: 'min.NaN.f32',
};
const INTEGER: { readonly [K in Exclude<Arithmetic, 'div'>]: string } = {
  add: 'add.s32', sub: 'sub.s32', mul: 'mul.lo.s32', max: 'max.s32', min: 'min.s32',
};
const COMPARE: { readonly [K in Comparison]: string } = { equal: 'eq', less: 'lt', lessEqual: 'le' };
const BINARY: ReadonlySet<Op> = new Set<Binary>([...(Object.keys(FLOAT) as Arithmetic[]), ...(Object.keys(COMPARE) as Comparison[]), 'and']);

export function isFloatFunction(op: Op): op is FloatFunction {
  return FLOAT_FUNCTIONS.has(op);
}

export function isBinary(op: Op): op is Binary {
  return BINARY.has(op);
}

/** @param dtype of the result */
export function binary(k: KernelText, op: Binary, dtype: DType, left: Lanes, right: Lanes): Lanes {
  return mapLanes(dtype, [left, right], (a, b) => {
    if (op === 'and') return k.pure('and.pred', 'p', a!, b!);
    if (op === 'equal' || op === 'less' || op === 'lessEqual') return compare(k, op, left.dtype, a!, b!);
    if (dtype === 'i32') return k.pure(INTEGER[op as Exclude<Arithmetic, 'div'>], 'r', a!, b!);
    return rounded(k, dtype, k.pure(FLOAT[op], 'f', a!, b!));
  });
}

function compare(k: KernelText, op: Comparison, dtype: DType, a: string, b: string): string {
  if (dtype !== 'bool') return k.pure(`setp.${COMPARE[op]}.${dtype === 'i32' ? 's32' : 'f32'}`, 'p', a, b);
  if (op === 'equal') return k.pure('not.pred', 'p', k.pure('xor.pred', 'p', a, b));
  return k.pure(op === 'less' ? 'and.pred' : 'or.pred', 'p', k.pure('not.pred', 'p', a), b);
}
