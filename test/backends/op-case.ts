/** @file The form of the op cases that every backend is run on, and what is needed to write them down as data. */
import type { Feeds, HostTensor } from '../../src/main/engine/backends/backend.ts';
import { gradients } from '../../src/main/engine/autodiff/reverse.ts';
import { isFloat, type DType } from '../../src/main/engine/ir/dtype.ts';
import { encodeHalfs, isHalf } from '../../src/main/engine/ir/float-bits.ts';
import type { Graph, TensorType, Value } from '../../src/main/engine/ir/graph.ts';
import type { Op } from '../../src/main/engine/ir/op-types.ts';
import { elementCount } from '../../src/main/engine/ir/shape.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import { drawKey, drawUniform } from '../../src/main/engine/ops/core/counter-random.ts';

export interface OpCase {
  readonly name: string;
  /** The op that the case is about; its graph may hold others. */
  readonly op: Op;
  /** Declares the inputs and writes the graph. @returns its outputs by name */
  build(b: GraphBuilder): Readonly<Record<string, Value>>;
  /** Values for every input; the same seed gives the same values. */
  feeds(seed: number): Feeds;
  /** f32 inputs by which every float output is differentiable. */
  readonly wrt: readonly string[];
}

/** Gives element after element. @param uniform in [0, 1) */
export type Fill = (uniform: () => number, index: number) => number;

export interface InputSpec extends TensorType {
  readonly fill: Fill;
}

interface CaseSpec<I extends Readonly<Record<string, InputSpec>>> {
  readonly name: string;
  readonly op: Op;
  readonly inputs: I;
  readonly outputs: (b: GraphBuilder, inputs: { readonly [K in keyof I]: Value }) => Readonly<Record<string, Value>>;
  readonly wrt?: readonly (keyof I & string)[];
}

export function opCase<const I extends Readonly<Record<string, InputSpec>>>({ name, op, inputs, outputs, wrt = [] }: CaseSpec<I>): OpCase {
  return {
    name: `${op} ${name}`,
    op,
    wrt,
    build: (b) => {
      const values = Object.entries(inputs).map(([key, { dtype, shape }]) => [key, b.input(key, { dtype, shape })]);
      return outputs(b, Object.fromEntries(values) as { readonly [K in keyof I]: Value });
    },
    feeds: (seed) => Object.fromEntries(Object.entries(inputs).map(([key, spec], i) => [key, hostTensor(spec, seed, i)])),
  };
}

export function hostTensor({ dtype, shape, fill }: InputSpec, seed: number, stream: number): HostTensor {
  const key = drawKey(seed, 0, stream);
  let drawn = 0;
  const values = Array.from({ length: elementCount(shape) }, (_, index) => fill(() => drawUniform(key, drawn++), index));
  return { dtype, shape, data: packed(dtype, values) };
}

function packed(dtype: DType, values: readonly number[]): HostTensor['data'] {
  if (isHalf(dtype)) return encodeHalfs(dtype, values);
  return dtype === 'f32' ? Float32Array.from(values) : dtype === 'i32' ? Int32Array.from(values) : Uint8Array.from(values);
}

export const between =
  (low: number, high: number): Fill =>
  (uniform) =>
    low + (high - low) * uniform();

/** Integers low..high, both included. */
export const integers =
  (low: number, high: number): Fill =>
  (uniform) =>
    low + Math.floor(uniform() * (high - low + 1));

export const exactly =
  (values: readonly number[]): Fill =>
  (_, index) =>
    values[index]!;

/** A tensor of small numbers around 0. */
export function float(shape: readonly number[], dtype: DType = 'f32', fill: Fill = between(-1.5, 1.5)): InputSpec {
  return { dtype, shape, fill };
}

export function int(shape: readonly number[], low: number, high: number): InputSpec {
  return { dtype: 'i32', shape, fill: integers(low, high) };
}

export function bool(shape: readonly number[]): InputSpec {
  return { dtype: 'bool', shape, fill: integers(0, 1) };
}

export function caseGraph(test: OpCase): Graph {
  const b = new GraphBuilder(test.name);
  for (const [name, value] of Object.entries(test.build(b))) b.output(name, value);
  return b.finish();
}

/** An input that a case has declared. */
export function inputNamed(b: GraphBuilder, name: string): Value {
  return b.values.find(({ origin }) => origin.kind === 'input' && origin.name === name)!;
}

/**
 * Appends loss = sum of output * cotangent over the float outputs (each cotangent an input "cotangent.<output>"), the same
 * weights for every way of computing the outputs.
 */
export function appendLoss(b: GraphBuilder, outputs: Readonly<Record<string, Value>>): Value {
  const terms = Object.entries(outputs)
    .filter(([, value]) => isFloat(value.type.dtype))
    .map(([name, value]) => {
      const cotangent = b.input(`cotangent.${name}`, { dtype: 'f32', shape: value.type.shape });
      return b.sum(
        b.mul(b.cast(value, 'f32'), cotangent),
        value.type.shape.map((_, axis) => axis),
      );
    });
  return terms.reduce((total, term) => b.add(total, term));
}

function cotangents(test: OpCase, seed: number): Feeds {
  const outputs = Object.entries(test.build(new GraphBuilder(test.name)));
  const tensors = outputs.map(([name, { type }], i) => [`cotangent.${name}`, hostTensor(float(type.shape), seed, 100 + i)]);
  return Object.fromEntries(tensors.filter((_, i) => isFloat(outputs[i]![1].type.dtype)));
}

/**
 * The case's backward pass: outputs "d.<input>" for each of `wrt`. A backend is right when it agrees with the reference on this as
 * on the case itself. The loss is no output: terms of either sign cancel in it, so a relative error of it would say nothing.
 */
export function withGradients(test: OpCase): OpCase {
  return {
    name: `${test.name} gradient`,
    op: test.op,
    wrt: [],
    build: (b) => {
      const loss = appendLoss(b, test.build(b));
      const inputs = test.wrt.map((name) => inputNamed(b, name));
      const found = gradients(b, loss, inputs).map((gradient, i) => [`d.${test.wrt[i]}`, gradient ?? b.fullLike(inputs[i]!, 0)]);
      return Object.fromEntries(found) as Readonly<Record<string, Value>>;
    },
    feeds: (seed) => ({ ...test.feeds(seed), ...cotangents(test, seed) }),
  };
}
