import type { AnyNode, Graph, Value, ValueId } from '../graph.ts';

/**
 * The graph with only `nodes` (a subsequence of its own), every use of a value replaced by `stands(id)`, and values renumbered.
 * Inputs and states stay, used or not: they are the program's interface.
 */
export function rebuildGraph(graph: Graph, nodes: readonly AnyNode[], stands: (id: ValueId) => ValueId): Graph {
  const values: Value[] = [];
  const numbers = new Map<ValueId, ValueId>();
  const add = (id: ValueId, origin: Value['origin']): ValueId => {
    const number = values.length;
    numbers.set(id, number);
    values.push({ id: number, type: graph.values[id]!.type, origin });
    return number;
  };
  for (const { value } of [...graph.inputs, ...graph.states]) add(value, graph.values[value]!.origin);
  const moved = (id: ValueId): ValueId => numbers.get(stands(id))!;
  const kept = nodes.map((node, index): AnyNode => {
    const inputs = node.inputs.map(moved);
    return { ...node, inputs, outputs: node.outputs.map((id, output) => add(id, { kind: 'node', node: index, output })) };
  });
  const rename = (list: Graph['outputs']) => list.map(({ name, value }) => ({ name, value: moved(value) }));
  return {
    name: graph.name,
    values,
    nodes: kept,
    inputs: rename(graph.inputs),
    states: rename(graph.states),
    outputs: rename(graph.outputs),
    updates: rename(graph.updates),
  };
}
