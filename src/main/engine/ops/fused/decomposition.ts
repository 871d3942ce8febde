import type { Value } from '../../ir/graph.ts';
import type { FusedOp, OpParams } from '../../ir/op-types.ts';
import type { GraphBuilder } from '../builder.ts';

/** Writes a fused op as core ops into `b`, giving its outputs in order: what the op means, and the oracle of every kernel. */
export type Decomposition<K extends FusedOp> = (b: GraphBuilder, inputs: readonly Value[], params: OpParams[K]) => readonly Value[];
