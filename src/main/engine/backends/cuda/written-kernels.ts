/** @file The fused ops that this backend has kernels for. An entry here and its traits are all that a further one takes. */
import type { AnyNode, Graph, Node } from '../../ir/graph.ts';
import type { FusedOp } from '../../ir/op-types.ts';
import { attention, attentionBackward } from './attention.ts';
import type { Call, WrittenKernel } from './written-kernel.ts';

const writtenKernels = { attention, attentionBackward } as const satisfies { readonly [K in FusedOp]?: WrittenKernel<K> };

export type Claimed = keyof typeof writtenKernels;

export function claims(node: AnyNode, graph: Graph): boolean {
  return kernelsOf(node)?.claims(node as Node<Claimed>, graph) ?? false;
}

/** Bytes that divide the address of each operand; null for a node that no written kernel computes. */
export function alignmentOf(node: AnyNode): number | null {
  return kernelsOf(node)?.alignment ?? null;
}

export function planCall(graph: Graph, node: AnyNode): Call {
  const kernels = kernelsOf(node);
  if (!kernels) throw new Error(`internal: there is no written kernel for ${node.op}`);
  return kernels.plan(graph, node as Node<Claimed>);
}

function kernelsOf({ op }: AnyNode): WrittenKernel<Claimed> | undefined {
  return (writtenKernels as Readonly<Partial<Record<string, WrittenKernel<never>>>>)[op] as WrittenKernel<Claimed> | undefined;
}
