import type { CoreOp, NoParams, OpParams } from '../../ir/op-types.ts';
import type { ElementwiseOp } from './elementwise-shapes.ts';
import { erf } from './erf.ts';
import { broadcastSteps, offsets, type Evaluation, type Tensor } from './tensor.ts';

type PlainOp = { [K in CoreOp]: OpParams[K] extends NoParams ? K : never }[CoreOp];

function unary(f: (x: number) => number): Evaluation<PlainOp> {
  return ([x], _, output) => {
    for (let i = 0; i < output.data.length; i++) output.data[i] = f(x!.data[i]!);
  };
}

function spread(x: Tensor, output: Tensor): Int32Array {
  return offsets(output.shape, broadcastSteps(x.shape, output.shape));
}

function binary(f: (a: number, b: number) => number, integer = f): Evaluation<PlainOp> {
  return ([a, b], _, output) => {
    const [atA, atB] = [spread(a!, output), spread(b!, output)];
    const apply = a!.dtype === 'i32' ? integer : f;
    for (let i = 0; i < output.data.length; i++) output.data[i] = apply(a!.data[atA[i]!]!, b!.data[atB[i]!]!);
  };
}

export const elementwiseEvaluations: { readonly [K in ElementwiseOp]: Evaluation<K> } = {
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  tanh: unary(Math.tanh),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  abs: unary(Math.abs),
  erf: unary(erf),
  not: unary((x) => 1 - x),
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b, Math.imul),
  div: binary((a, b) => a / b),
  max: binary(Math.max),
  min: binary(Math.min),
  equal: binary((a, b) => Number(a === b)),
  less: binary((a, b) => Number(a < b)),
  lessEqual: binary((a, b) => Number(a <= b)),
  and: binary((a, b) => a & b),
  where: ([condition, a, b], _, output) => {
    const [atCondition, atA, atB] = [spread(condition!, output), spread(a!, output), spread(b!, output)];
    for (let i = 0; i < output.data.length; i++) {
      output.data[i] = condition!.data[atCondition[i]!] ? a!.data[atA[i]!]! : b!.data[atB[i]!]!;
    }
  },
  cast: ([x], { dtype }, output) => {
    // An Int32Array truncates what is written to it; a Uint8Array would too, and bool means `!= 0`.
    for (let i = 0; i < output.data.length; i++) output.data[i] = dtype === 'bool' ? Number(x!.data[i] !== 0) : x!.data[i]!;
  },
};
