import type { AnyNode, Graph, Value, ValueId } from '../../ir/graph.ts';
import type { CoreOp } from '../../ir/op-types.ts';
import type { Tensor } from '../../ops/core/tensor.ts';
import { evaluate } from '../../ops/evaluations.ts';

/** Bytes of values that were alive at once. */
export interface RunResult {
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly updates: ReadonlyMap<string, Tensor>;
  readonly peakBytes: number;
}

/**
 * Walks a graph of core ops, each value once, dropping it after its last use.
 * @param read the tensor of an input or state
 */
export function runGraph(graph: Graph, read: (value: Value) => Tensor): RunResult {
  const values = new Map<ValueId, Tensor>();
  for (const { value } of [...graph.inputs, ...graph.states]) values.set(value, read(graph.values[value]!));
  const expiring = lastUses(graph);
  let held = 0;
  let peakBytes = 0;
  graph.nodes.forEach((node, index) => {
    const result = runNode(graph, node, values);
    values.set(node.outputs[0]!, result);
    held += result.data.byteLength;
    peakBytes = Math.max(peakBytes, held);
    for (const id of expiring[index]!) {
      held -= values.get(id)!.data.byteLength;
      values.delete(id);
    }
  });
  const collect = (list: Graph['outputs']) => new Map(list.map(({ name, value }) => [name, values.get(value)!]));
  return { outputs: collect(graph.outputs), updates: collect(graph.updates), peakBytes };
}

/** Core ops have one output each. */
function runNode(graph: Graph, { op, params, inputs, outputs }: AnyNode, values: ReadonlyMap<ValueId, Tensor>): Tensor {
  const tensors = inputs.map((id) => values.get(id)!);
  return evaluate(op as CoreOp, tensors, params as never, graph.values[outputs[0]!]!.type);
}

/** For each node, the values that nothing after it reads. */
function lastUses(graph: Graph): readonly (readonly ValueId[])[] {
  const kept = new Set([...graph.outputs, ...graph.updates, ...graph.inputs, ...graph.states].map(({ value }) => value));
  const seen = new Set<ValueId>();
  return graph.nodes
    .toReversed()
    .map(({ inputs, outputs }) => {
      const last = [...new Set([...inputs, ...outputs])].filter((id) => !seen.has(id) && !kept.has(id));
      for (const id of last) seen.add(id);
      return last;
    })
    .reverse();
}
