import { GraphError } from '../ir/builder.ts';
import { isFloat, type DType } from '../ir/dtype.ts';
import { formatType, type TensorType } from '../ir/graph.ts';
import type { Op } from '../ir/op-types.ts';

/** Throws a GraphError with the op's name in front: the form of every construction error. */
export function refuse(op: Op, message: string): never {
  throw new GraphError(op, message);
}

/** The op's inputs, exactly `count` of them. */
export function takeInputs(op: Op, inputs: readonly TensorType[], count: number): readonly TensorType[] {
  if (inputs.length !== count) refuse(op, `${count} inputs expected, got ${inputs.length}`);
  return inputs;
}

export function requireDType(op: Op, what: string, type: TensorType, dtype: DType): void {
  if (type.dtype !== dtype) refuse(op, `${what} must be ${dtype}, got ${formatType(type)}`);
}

export function requireFloat(op: Op, what: string, type: TensorType): void {
  if (!isFloat(type.dtype)) refuse(op, `${what} must be a float tensor, got ${formatType(type)}`);
}

export function requireShape(op: Op, what: string, type: TensorType, shape: readonly number[]): void {
  const fits = type.shape.length === shape.length && shape.every((size, axis) => size === type.shape[axis]);
  if (!fits) refuse(op, `${what} must have shape [${shape.join(', ')}], got ${formatType(type)}`);
}

export function requireRank(op: Op, what: string, type: TensorType, rank: number): void {
  if (type.shape.length !== rank) refuse(op, `${what} must have rank ${rank}, got ${formatType(type)}`);
}
