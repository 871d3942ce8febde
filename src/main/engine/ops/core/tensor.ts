/** @file Tensors of the reference evaluation: every float as float64, whatever its dtype, so that finite differences are exact. */
import type { DType } from '../../ir/dtype.ts';
import type { TensorType } from '../../ir/graph.ts';
import type { CoreOp, OpParams } from '../../ir/op-types.ts';
import { elementCount, strides, type Shape } from '../../ir/shape.ts';

export type TensorData = Float64Array | Int32Array | Uint8Array;

/** Dense, row-major, never changed once written. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TensorData;
}

/** Fills `output`, which comes zeroed and typed by the shape rule. Plain loops: the definition of the op. */
export type Evaluation<K extends CoreOp> = (inputs: readonly Tensor[], params: OpParams[K], output: Tensor) => void;

export function allocate({ dtype, shape }: TensorType): Tensor {
  const count = elementCount(shape);
  const data = dtype === 'i32' ? new Int32Array(count) : dtype === 'bool' ? new Uint8Array(count) : new Float64Array(count);
  return { dtype, shape, data };
}

/**
 * For each index of `shape` in row-major order, start + sum of index * steps: how a loop over one tensor finds its element in
 * another. A step of 0 repeats (broadcast) or accumulates (reduce).
 */
export function offsets(shape: Shape, steps: readonly number[], start = 0): Int32Array {
  const result = new Int32Array(elementCount(shape));
  const index = shape.map(() => 0);
  let offset = start;
  for (let i = 0; i < result.length; i++) {
    result[i] = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      offset -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/** Steps through `from` while looping over `to`, to which it broadcasts. */
export function broadcastSteps(from: Shape, to: Shape): number[] {
  const own = strides(from);
  const lead = to.length - from.length;
  return to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : own[axis - lead]!));
}
