import { isFloat } from '../../ir/dtype.ts';
import type { Value } from '../../ir/graph.ts';
import type { GraphBuilder } from '../builder.ts';
import { NOT_DIFFERENTIABLE, type GradientEntry, type GradientRule } from '../gradient-rule.ts';
import type { ArithmeticOp, ElementwiseOp, FloatUnaryOp } from './elementwise-shapes.ts';

/** @param slope (b, g, x, y) -> g * dy/dx */
function unary(slope: (b: GraphBuilder, g: Value, x: Value, y: Value) => Value): GradientRule<FloatUnaryOp> {
  return ({ b, gradients, inputs, outputs }) => [slope(b, gradients[0]!, inputs[0]!, outputs[0]!)];
}

type Partial2 = (b: GraphBuilder, g: Value, x: Value, y: Value, out: Value) => Value;

/** Each partial is summed back over the axes along which its input was broadcast. */
function binary(byFirst: Partial2, bySecond: Partial2): GradientRule<ArithmeticOp> {
  return ({ b, gradients, inputs, outputs, needs }) =>
    [byFirst, bySecond].map((partial, i) =>
      needs(i) ? b.sumTo(partial(b, gradients[0]!, inputs[0]!, inputs[1]!, outputs[0]!), inputs[i]!.type.shape) : null,
    );
}

/** g where the condition holds, 0 elsewhere, and the other way round. */
function keepWhere(b: GraphBuilder, condition: Value, g: Value): Value {
  return b.where(condition, g, 0);
}

function dropWhere(b: GraphBuilder, condition: Value, g: Value): Value {
  return b.where(condition, b.constant(0, g.type.dtype), g);
}

function oneMinus(b: GraphBuilder, x: Value): Value {
  return b.sub(b.constant(1, x.type.dtype), x);
}

export const elementwiseGradients: { readonly [K in ElementwiseOp]: GradientEntry<K> } = {
  neg: unary((b, g) => b.neg(g)),
  exp: unary((b, g, _, y) => b.mul(g, y)),
  log: unary((b, g, x) => b.div(g, x)),
  sqrt: unary((b, g, _, y) => b.div(b.mul(g, 0.5), y)),
  tanh: unary((b, g, _, y) => b.mul(g, oneMinus(b, b.mul(y, y)))),
  sigmoid: unary((b, g, _, y) => b.mul(g, b.mul(y, oneMinus(b, y)))),
  sin: unary((b, g, x) => b.mul(g, b.cos(x))),
  cos: unary((b, g, x) => b.neg(b.mul(g, b.sin(x)))),
  // 0 at 0, as torch has it.
  abs: unary((b, g, x) => b.sub(keepWhere(b, b.less(b.constant(0, x.type.dtype), x), g), keepWhere(b, b.less(x, 0), g))),
  erf: unary((b, g, x) => b.mul(g, b.mul(b.exp(b.neg(b.mul(x, x))), 2 / Math.sqrt(Math.PI)))),
  not: NOT_DIFFERENTIABLE,
  cast: ({ b, gradients, inputs }) => [isFloat(inputs[0]!.type.dtype) ? b.cast(gradients[0]!, inputs[0]!.type.dtype) : null],
  add: binary(
    (_, g) => g,
    (_, g) => g,
  ),
  sub: binary(
    (_, g) => g,
    (b, g) => b.neg(g),
  ),
  mul: binary(
    (b, g, _, y) => b.mul(g, y),
    (b, g, x) => b.mul(g, x),
  ),
  div: binary(
    (b, g, _, y) => b.div(g, y),
    (b, g, _, y, out) => b.neg(b.div(b.mul(g, out), y)),
  ),
  // Ties go to the first input.
  max: binary(
    (b, g, x, y) => dropWhere(b, b.less(x, y), g),
    (b, g, x, y) => keepWhere(b, b.less(x, y), g),
  ),
  min: binary(
    (b, g, x, y) => dropWhere(b, b.less(y, x), g),
    (b, g, x, y) => keepWhere(b, b.less(y, x), g),
  ),
  equal: NOT_DIFFERENTIABLE,
  less: NOT_DIFFERENTIABLE,
  lessEqual: NOT_DIFFERENTIABLE,
  and: NOT_DIFFERENTIABLE,
  where: ({ b, gradients, inputs, needs }) => {
    const [condition, first, second] = inputs as [Value, Value, Value];
    const g = gradients[0]!;
    return [
      null,
      needs(1) ? b.sumTo(keepWhere(b, condition, g), first.type.shape) : null,
      needs(2) ? b.sumTo(dropWhere(b, condition, g), second.type.shape) : null,
    ];
  },
};
