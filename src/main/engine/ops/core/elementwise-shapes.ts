import type { ShapeRule } from '../../ir/builder.ts';
import { formatType, type TensorType } from '../../ir/graph.ts';
import type { CoreOp } from '../../ir/op-types.ts';
import { broadcastShapes } from '../../ir/shape.ts';
import { refuse, requireDType, requireFloat, takeInputs } from '../check.ts';

export type FloatUnaryOp = 'neg' | 'exp' | 'log' | 'sqrt' | 'tanh' | 'sigmoid' | 'sin' | 'cos' | 'abs' | 'erf';
export type ArithmeticOp = 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min';
export type CompareOp = 'equal' | 'less' | 'lessEqual';
export type ElementwiseOp = FloatUnaryOp | ArithmeticOp | CompareOp | 'and' | 'not' | 'where' | 'cast';

function floatUnary<K extends FloatUnaryOp>(op: K): ShapeRule<K> {
  return (inputs) => {
    const [x] = takeInputs(op, inputs, 1);
    requireFloat(op, 'input', x!);
    return [x!];
  };
}

function broadcastPair(op: CoreOp, a: TensorType, b: TensorType): readonly number[] {
  if (a.dtype !== b.dtype) refuse(op, `inputs must have one dtype, got ${formatType(a)} and ${formatType(b)}`);
  return broadcastShapes(a.shape, b.shape) ?? refuse(op, `shapes do not broadcast: ${formatType(a)} and ${formatType(b)}`);
}

function arithmetic<K extends ArithmeticOp>(op: K): ShapeRule<K> {
  return (inputs) => {
    const [a, b] = takeInputs(op, inputs, 2);
    const shape = broadcastPair(op, a!, b!);
    if (op === 'div' || a!.dtype !== 'i32') requireFloat(op, 'input', a!);
    return [{ dtype: a!.dtype, shape }];
  };
}

function compare<K extends CompareOp>(op: K): ShapeRule<K> {
  return (inputs) => {
    const [a, b] = takeInputs(op, inputs, 2);
    return [{ dtype: 'bool', shape: broadcastPair(op, a!, b!) }];
  };
}

export const elementwiseShapes: { readonly [K in ElementwiseOp]: ShapeRule<K> } = {
  neg: floatUnary('neg'),
  exp: floatUnary('exp'),
  log: floatUnary('log'),
  sqrt: floatUnary('sqrt'),
  tanh: floatUnary('tanh'),
  sigmoid: floatUnary('sigmoid'),
  sin: floatUnary('sin'),
  cos: floatUnary('cos'),
  abs: floatUnary('abs'),
  erf: floatUnary('erf'),
  add: arithmetic('add'),
  sub: arithmetic('sub'),
  mul: arithmetic('mul'),
  div: arithmetic('div'),
  max: arithmetic('max'),
  min: arithmetic('min'),
  equal: compare('equal'),
  less: compare('less'),
  lessEqual: compare('lessEqual'),
  and: (inputs) => {
    const [a, b] = takeInputs('and', inputs, 2);
    requireDType('and', 'first input', a!, 'bool');
    return [{ dtype: 'bool', shape: broadcastPair('and', a!, b!) }];
  },
  not: (inputs) => {
    const [x] = takeInputs('not', inputs, 1);
    requireDType('not', 'input', x!, 'bool');
    return [x!];
  },
  where: (inputs) => {
    const [condition, a, b] = takeInputs('where', inputs, 3);
    requireDType('where', 'condition', condition!, 'bool');
    const branches = broadcastPair('where', a!, b!);
    const shape = broadcastShapes(condition!.shape, branches);
    return [{ dtype: a!.dtype, shape: shape ?? refuse('where', `condition ${formatType(condition!)} does not broadcast`) }];
  },
  cast: (inputs, { dtype }) => [{ dtype, shape: takeInputs('cast', inputs, 1)[0]!.shape }],
};
