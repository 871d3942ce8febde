/** @file What a lowering sees: names of ONNX values in, names out. */
import type { DType } from '../../../ir/dtype.ts';
import type { TensorType } from '../../../ir/graph.ts';
import type { Op, OpParams } from '../../../ir/op-types.ts';
import type { Shape } from '../../../ir/shape.ts';
import type { OnnxAttributes, OnnxModelWriter } from '../model-writer.ts';

/** How a dtype is held inside ONNX: floats are computed in f32, and 16-bit floats are f32 values rounded after each op. */
export type Carrier = 'f32' | 'i32' | 'bool';

export function carrierOf(dtype: DType): Carrier {
  return dtype === 'i32' || dtype === 'bool' ? dtype : 'f32';
}

/**
 * An ONNX value whose shape broadcasts to the IR value's shape. Constants, iotas and broadcasts stay small until an op needs
 * every element: binary ops broadcast by themselves, so most Expand nodes are never written.
 */
export interface Operand {
  readonly name: string;
  readonly shape: Shape;
}

/** An input of a node. */
export interface LoweringInput {
  readonly type: TensorType;
  /** May be smaller than `type.shape`; see Operand. */
  operand(): Operand;
  /** Every element present. */
  full(): string;
}

export type LazyOperand = () => Operand;

/** One result an output: an operand, or a function that writes the nodes only if somebody asks for that output. */
export type LoweringResult = readonly (Operand | LazyOperand)[];

export interface LoweringContext {
  readonly writer: OnnxModelWriter;
  /** One-output node in the default domain. */
  emit(opType: string, inputs: readonly string[], attributes?: OnnxAttributes): string;
  /** One-output node of `com.microsoft`. */
  emitMicrosoft(opType: string, inputs: readonly string[], attributes?: OnnxAttributes): string;
  /** f32 value rounded to `dtype` and back; the same name for f32. */
  round(name: string, dtype: DType): string;
  reshape(name: string, shape: Shape): string;
  /** What `write` gave for this key the first time in this model. */
  shared(key: string, write: () => string): string;
}

export type OnnxLowering<K extends Op> = (
  context: LoweringContext,
  inputs: readonly LoweringInput[],
  params: OpParams[K],
  outputs: readonly TensorType[],
) => LoweringResult;
