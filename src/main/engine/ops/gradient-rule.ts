import type { Value } from '../ir/graph.ts';
import type { Op, OpParams } from '../ir/op-types.ts';
import type { GraphBuilder } from './builder.ts';

/** A node of the forward pass, seen from the backward pass. */
export interface GradientSite<K extends Op> {
  /** Where the backward nodes are written; the same builder that holds the forward ones. */
  readonly b: GraphBuilder;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly params: OpParams[K];
  /** Gradient of the loss by each output, in the output's shape and dtype; null where none arrives. At least one is not null. */
  readonly gradients: readonly (Value | null)[];
  /** Whether anybody asks for the gradient by that input. */
  needs(input: number): boolean;
}

/** Gradients by each input, in the input's shape and dtype; null where there is none or nobody asks. */
export type GradientRule<K extends Op> = (site: GradientSite<K>) => readonly (Value | null)[];

/** For ops whose only outputs are integers or bools, that have no inputs to differentiate by, or that nothing trains through. */
export const NOT_DIFFERENTIABLE = 'not-differentiable';

export type GradientEntry<K extends Op> = GradientRule<K> | typeof NOT_DIFFERENTIABLE;
