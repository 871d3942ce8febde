import type { DType } from './dtype.ts';
import type { Op, OpParams } from './op-types.ts';
import { formatShape, type Shape } from './shape.ts';

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Index into `Graph.values`. */
export type ValueId = number;

export type ValueOrigin =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'state'; readonly name: string }
  | { readonly kind: 'node'; readonly node: number; readonly output: number };

export interface Value {
  readonly id: ValueId;
  readonly type: TensorType;
  readonly origin: ValueOrigin;
}

export interface Node<K extends Op = Op> {
  readonly op: K;
  readonly params: OpParams[K];
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  /** What it belongs to (`scope.ts`); null for what stands outside of all layers. */
  readonly scope: string | null;
}

/** A node whose `op` narrows its `params` in a switch. */
export type AnyNode = { readonly [K in Op]: Node<K> }[Op];

export interface NamedValue {
  readonly name: string;
  readonly value: ValueId;
}

/**
 * A program before a backend compiles it: nodes in an order in which every input is already defined (SSA), inputs fed at each
 * run, state that the backend owns, outputs read back, and the new values that state takes when the run ends.
 * Updates happen after every read: a node that reads a state sees the value from before the run.
 */
export interface Graph {
  readonly name: string;
  readonly values: readonly Value[];
  readonly nodes: readonly AnyNode[];
  readonly inputs: readonly NamedValue[];
  readonly states: readonly NamedValue[];
  readonly outputs: readonly NamedValue[];
  readonly updates: readonly NamedValue[];
}

export function formatType(type: TensorType): string {
  return `${type.dtype}${formatShape(type.shape)}`;
}
