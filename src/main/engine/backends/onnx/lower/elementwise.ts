import { broadcastShapes } from '../../../ir/shape.ts';
import { ONNX_TYPE } from '../model-writer.ts';
import { carrierOf, type LoweringContext, type LoweringInput, type OnnxLowering, type Operand } from './lowering.ts';

type FloatUnaryOp = 'neg' | 'exp' | 'log' | 'sqrt' | 'tanh' | 'sigmoid' | 'sin' | 'cos' | 'abs' | 'erf';
type ArithmeticOp = 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min';
type CompareOp = 'equal' | 'less' | 'lessEqual';
type ElementwiseOp = FloatUnaryOp | ArithmeticOp | CompareOp | 'and' | 'not' | 'where' | 'cast';

function joined(operands: readonly Operand[]): readonly number[] {
  return operands.reduce<readonly number[]>((shape, { shape: other }) => broadcastShapes(shape, other) ?? shape, []);
}

function unary<K extends FloatUnaryOp>(opType: string): OnnxLowering<K> {
  return (context, [x], _params, [type]) => {
    const { name, shape } = x!.operand();
    return [{ name: context.round(context.emit(opType, [name]), type!.dtype), shape }];
  };
}

function arithmetic<K extends ArithmeticOp>(opType: string): OnnxLowering<K> {
  return (context, inputs, _params, [type]) => {
    const operands = inputs.map((input) => input.operand());
    const name = context.emit(
      opType,
      operands.map((operand) => operand.name),
    );
    return [{ name: carrierOf(type!.dtype) === 'f32' ? context.round(name, type!.dtype) : name, shape: joined(operands) }];
  };
}

/** ONNX Runtime compares numbers only: bool goes in as int32. */
function comparable(context: LoweringContext, input: LoweringInput): Operand {
  const { name, shape } = input.operand();
  return { name: input.type.dtype === 'bool' ? context.emit('Cast', [name], { to: { int: ONNX_TYPE.i32 } }) : name, shape };
}

function compare<K extends CompareOp>(opType: string): OnnxLowering<K> {
  return (context, inputs) => {
    const operands = inputs.map((input) => comparable(context, input));
    return [
      {
        name: context.emit(
          opType,
          operands.map((operand) => operand.name),
        ),
        shape: joined(operands),
      },
    ];
  };
}

export const elementwiseLowerings: { readonly [K in ElementwiseOp]: OnnxLowering<K> } = {
  neg: unary('Neg'),
  exp: unary('Exp'),
  log: unary('Log'),
  sqrt: unary('Sqrt'),
  tanh: unary('Tanh'),
  sigmoid: unary('Sigmoid'),
  sin: unary('Sin'),
  cos: unary('Cos'),
  abs: unary('Abs'),
  erf: unary('Erf'),
  add: arithmetic('Add'),
  sub: arithmetic('Sub'),
  mul: arithmetic('Mul'),
  div: arithmetic('Div'),
  max: arithmetic('Max'),
  min: arithmetic('Min'),
  equal: compare('Equal'),
  less: compare('Less'),
  lessEqual: compare('LessOrEqual'),
  and: (context, inputs) => {
    const operands = inputs.map((input) => input.operand());
    return [
      {
        name: context.emit(
          'And',
          operands.map((operand) => operand.name),
        ),
        shape: joined(operands),
      },
    ];
  },
  not: (context, [x]) => {
    const { name, shape } = x!.operand();
    return [{ name: context.emit('Not', [name]), shape }];
  },
  where: (context, inputs, _params, [type]) => {
    const operands = inputs.map((input) => input.operand());
    const [condition, a, b] = operands.map((operand) => operand.name) as [string, string, string];
    const shape = joined(operands);
    if (type!.dtype !== 'bool') return [{ name: context.emit('Where', [condition, a, b]), shape }];
    // The CPU provider has no Where on bool.
    const taken = context.emit('And', [condition, a]);
    const left = context.emit('And', [context.emit('Not', [condition]), b]);
    return [{ name: context.emit('Or', [taken, left]), shape }];
  },
  cast: (context, [x], { dtype }) => {
    const { name, shape } = x!.operand();
    const [from, to] = [carrierOf(x!.type.dtype), carrierOf(dtype)];
    const carried = from === to ? name : context.emit('Cast', [name], { to: { int: ONNX_TYPE[to] } });
    return [{ name: to === 'f32' ? context.round(carried, dtype) : carried, shape }];
  },
};
