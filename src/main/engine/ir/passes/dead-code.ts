import type { Graph, ValueId } from '../graph.ts';
import { rebuildGraph } from './rebuild.ts';

/** Drops nodes none of whose outputs reaches an output or an update. */
export function removeDeadCode(graph: Graph): Graph {
  const live = new Set<ValueId>([...graph.outputs, ...graph.updates].map(({ value }) => value));
  const kept = graph.nodes
    .toReversed()
    .filter((node) => {
      if (!node.outputs.some((id) => live.has(id))) return false;
      for (const id of node.inputs) live.add(id);
      return true;
    })
    .reverse();
  return rebuildGraph(graph, kept, (id) => id);
}
