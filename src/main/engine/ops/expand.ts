import type { AnyNode, Graph, Value, ValueId } from '../ir/graph.ts';
import type { FusedOp } from '../ir/op-types.ts';
import { GraphBuilder } from './builder.ts';
import type { Decomposition } from './fused/decomposition.ts';
import { decompositions, isFusedOp } from './fused/decompositions.ts';

/** Whether a backend lowers a fused node itself. */
export type Claim = (node: AnyNode, graph: Graph) => boolean;

/**
 * The same graph with every fused op that `claims` does not take written out in core ops. Outputs of an op that nobody reads are
 * written out too: run `removeDeadCode` after it.
 */
export function expandFused(graph: Graph, claims: Claim = () => false): Graph {
  const b = new GraphBuilder(graph.name);
  const moved = new Map<ValueId, Value>();
  const at = (id: ValueId): Value => moved.get(id)!;
  for (const { name, value } of graph.inputs) moved.set(value, b.input(name, graph.values[value]!.type));
  for (const { name, value } of graph.states) moved.set(value, b.state(name, graph.values[value]!.type));
  for (const node of graph.nodes) {
    const { op, params, inputs, outputs } = node;
    const values = inputs.map(at);
    const results = b.within(node.scope, () =>
      isFusedOp(op) && !claims(node, graph)
        ? (decompositions[op] as Decomposition<FusedOp>)(b, values, params as never)
        : b.append(op, values, params as never),
    );
    outputs.forEach((id, index) => moved.set(id, results[index]!));
  }
  for (const { name, value } of graph.outputs) b.output(name, at(value));
  for (const { name, value } of graph.updates) b.update(b.state(name, at(value).type), at(value));
  return b.finish();
}
