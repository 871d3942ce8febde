/** @file What a kernel written by hand says of itself, so that the schedule needs to know none of them. */
import type { Graph, Node } from '../../ir/graph.ts';
import type { FusedOp } from '../../ir/op-types.ts';
import type { BoundLaunch, KernelSource } from './gemm-launch.ts';

/** Device addresses in the order of the call's places, and scratch of `workspaceBytes`. */
export interface CallOperands {
  readonly inputs: readonly bigint[];
  readonly outputs: readonly bigint[];
  readonly workspace: bigint;
}

/** Launches that compute one thing together, everything chosen but the addresses. */
export interface Call {
  /** For profiles: what, and over which sizes. */
  readonly label: string;
  readonly workspaceBytes: number;
  /** The launches, in order. */
  bind(kernels: KernelSource, operands: CallOperands): readonly BoundLaunch[];
}

/** Kernels for one fused op. Where they claim no node it is written out in core ops. */
export interface WrittenKernel<K extends FusedOp> {
  claims(node: Node<K>, graph: Graph): boolean;
  /** Bytes that divide the address of every operand. */
  readonly alignment: number;
  plan(graph: Graph, node: Node<K>): Call;
}
