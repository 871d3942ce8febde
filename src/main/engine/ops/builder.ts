/** @file Writes graphs op by op: every op of the catalogue as a method. */
import { NodeAppender } from '../ir/builder.ts';
import type { DType } from '../ir/dtype.ts';
import type { Value } from '../ir/graph.ts';
import type { CoreOp, FusedParams, NoParams, OpParams } from '../ir/op-types.ts';
import { elementCount, type Shape } from '../ir/shape.ts';
import { shapeRules } from './shape-rules.ts';

const none: NoParams = {};

type PlainOp = { [K in CoreOp]: OpParams[K] extends NoParams ? K : never }[CoreOp];

export interface CrossEntropy {
  readonly nllSum: Value;
  readonly dX: Value;
  readonly correct: Value;
  readonly entropySum: Value;
  readonly dWeight: Value | null;
}

/**
 * Writes a graph: one method an op, `Value` in and `Value` out; wrong shapes throw at the call. Conveniences beyond the ops
 * themselves: a number where a binary op takes a tensor becomes a scalar constant of the other input's dtype.
 */
export class GraphBuilder extends NodeAppender {
  constructor(name: string) {
    super(name, shapeRules);
  }

  neg(x: Value): Value {
    return this.#one('neg', x);
  }
  exp(x: Value): Value {
    return this.#one('exp', x);
  }
  log(x: Value): Value {
    return this.#one('log', x);
  }
  sqrt(x: Value): Value {
    return this.#one('sqrt', x);
  }
  tanh(x: Value): Value {
    return this.#one('tanh', x);
  }
  sigmoid(x: Value): Value {
    return this.#one('sigmoid', x);
  }
  sin(x: Value): Value {
    return this.#one('sin', x);
  }
  cos(x: Value): Value {
    return this.#one('cos', x);
  }
  abs(x: Value): Value {
    return this.#one('abs', x);
  }
  erf(x: Value): Value {
    return this.#one('erf', x);
  }
  not(x: Value): Value {
    return this.#one('not', x);
  }
  add(a: Value, b: Value | number): Value {
    return this.#two('add', a, b);
  }
  sub(a: Value, b: Value | number): Value {
    return this.#two('sub', a, b);
  }
  mul(a: Value, b: Value | number): Value {
    return this.#two('mul', a, b);
  }
  div(a: Value, b: Value | number): Value {
    return this.#two('div', a, b);
  }
  max(a: Value, b: Value | number): Value {
    return this.#two('max', a, b);
  }
  min(a: Value, b: Value | number): Value {
    return this.#two('min', a, b);
  }
  equal(a: Value, b: Value | number): Value {
    return this.#two('equal', a, b);
  }
  less(a: Value, b: Value | number): Value {
    return this.#two('less', a, b);
  }
  lessEqual(a: Value, b: Value | number): Value {
    return this.#two('lessEqual', a, b);
  }
  and(a: Value, b: Value): Value {
    return this.#two('and', a, b);
  }

  where(condition: Value, a: Value, b: Value | number): Value {
    return this.append('where', [condition, a, this.#tensor(b, a.type.dtype)], none)[0]!;
  }

  /** The same value where the dtype already fits. */
  cast(x: Value, dtype: DType): Value {
    return x.type.dtype === dtype ? x : this.append('cast', [x], { dtype })[0]!;
  }

  constant(value: number, dtype: DType, shape: Shape = []): Value {
    return this.append('constant', [], { dtype, shape, value })[0]!;
  }

  iota(shape: Shape, axis: number): Value {
    return this.append('iota', [], { shape, axis })[0]!;
  }

  /** @param seed i32 [2] = (seed, step) */
  random(seed: Value, shape: Shape, stream: number): Value {
    return this.append('random', [seed], { shape, stream })[0]!;
  }

  sum(x: Value, axes: readonly number[], keepDims = false): Value {
    return axes.length === 0 ? x : this.append('sum', [x], { axes, keepDims })[0]!;
  }

  reduceMax(x: Value, axes: readonly number[], keepDims = false): Value {
    return this.append('reduceMax', [x], { axes, keepDims })[0]!;
  }

  argmax(x: Value, axis: number): Value {
    return this.append('argmax', [x], { axis })[0]!;
  }

  /** Result dtype defaults to the inputs'. */
  matmul(a: Value, b: Value, options: { transA?: boolean; transB?: boolean; dtype?: DType } = {}): Value {
    const { transA = false, transB = false, dtype = a.type.dtype } = options;
    return this.append('matmul', [a, b], { transA, transB, dtype })[0]!;
  }

  after(x: Value, y: Value): Value {
    return this.append('after', [x, y], none)[0]!;
  }

  reshape(x: Value, shape: Shape): Value {
    return this.append('reshape', [x], { shape })[0]!;
  }

  transpose(x: Value, perm: readonly number[]): Value {
    return this.append('transpose', [x], { perm })[0]!;
  }

  broadcast(x: Value, shape: Shape): Value {
    return this.append('broadcast', [x], { shape })[0]!;
  }

  slice(x: Value, starts: readonly number[], sizes: readonly number[]): Value {
    return this.append('slice', [x], { starts, sizes })[0]!;
  }

  /** One axis of `slice`; the others stay whole. */
  sliceAxis(x: Value, axis: number, start: number, size: number): Value {
    return this.slice(
      x,
      x.type.shape.map((_, i) => (i === axis ? start : 0)),
      x.type.shape.with(axis, size),
    );
  }

  concat(inputs: readonly Value[], axis: number): Value {
    return inputs.length === 1 ? inputs[0]! : this.append('concat', inputs, { axis })[0]!;
  }

  pad(x: Value, before: readonly number[], after: readonly number[]): Value {
    return this.append('pad', [x], { before, after })[0]!;
  }

  gather(table: Value, index: Value): Value {
    return this.append('gather', [table, index], none)[0]!;
  }

  scatter(base: Value, index: Value, updates: Value, mode: 'add' | 'set'): Value {
    return this.append('scatter', [base, index, updates], { mode })[0]!;
  }

  /** @returns y, and P = x A^T with LoRA (null without) */
  linear(
    x: Value,
    weight: Value,
    options: { bias?: Value | null; lora?: { a: Value; b: Value; scale: number } | null } = {},
  ): { y: Value; p: Value | null } {
    const { bias, lora } = options;
    const inputs = [x, weight, ...(bias ? [bias] : []), ...(lora ? [lora.a, lora.b] : [])];
    const [y, p] = this.append('linear', inputs, { bias: Boolean(bias), lora: Boolean(lora), scale: lora?.scale ?? 0 });
    return { y: y!, p: p ?? null };
  }

  rmsNorm(x: Value, weight: Value, eps: number): Value {
    return this.append('rmsNorm', [x, weight], { eps })[0]!;
  }

  layerNorm(x: Value, weight: Value, bias: Value, eps: number): Value {
    return this.append('layerNorm', [x, weight, bias], { eps })[0]!;
  }

  rope(x: Value, cos: Value, sin: Value, inverse = false): Value {
    return this.append('rope', [x, cos, sin], { inverse })[0]!;
  }

  swiglu(gate: Value, up: Value): Value {
    return this.append('swiglu', [gate, up], none)[0]!;
  }

  attention(q: Value, k: Value, v: Value, scale: number, range?: { first: Value; last: Value }): { out: Value; lse: Value } {
    const inputs = range ? [q, k, v, range.first, range.last] : [q, k, v];
    const [out, lse] = this.append('attention', inputs, { scale, mask: range ? 'range' : 'causal' });
    return { out: out!, lse: lse! };
  }

  /** @returns sums over labelled rows, and the gradient of the first by x (and by weight) */
  linearCrossEntropy(x: Value, weight: Value, labels: Value, params: FusedParams['linearCrossEntropy']): CrossEntropy {
    const [nllSum, dX, correct, entropySum, dWeight] = this.append('linearCrossEntropy', [x, weight, labels], params);
    return { nllSum: nllSum!, dX: dX!, correct: correct!, entropySum: entropySum!, dWeight: dWeight ?? null };
  }

  globalNormClip(gradients: Value, maxNorm: number): { norm: Value; factor: Value } {
    const [norm, factor] = this.append('globalNormClip', [gradients], { maxNorm });
    return { norm: norm!, factor: factor! };
  }

  /** Same shape as x, one value throughout. */
  fullLike(x: Value, value: number): Value {
    return this.constant(value, x.type.dtype, x.type.shape);
  }

  /** Sums a gradient back over the axes along which its value was broadcast from `shape`. */
  sumTo(x: Value, shape: Shape): Value {
    const lead = x.type.shape.length - shape.length;
    const axes = x.type.shape.flatMap((size, axis) => (axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : []));
    const summed = this.sum(x, axes, true);
    return elementCount(summed.type.shape) === elementCount(shape) && lead === 0 ? summed : this.reshape(summed, shape);
  }

  #one(op: PlainOp, x: Value): Value {
    return this.append(op, [x], none as never)[0]!;
  }

  #two(op: PlainOp, a: Value, b: Value | number): Value {
    return this.append(op, [a, this.#tensor(b, a.type.dtype)], none as never)[0]!;
  }

  #tensor(value: Value | number, dtype: DType): Value {
    return typeof value === 'number' ? this.constant(value, dtype) : value;
  }
}
