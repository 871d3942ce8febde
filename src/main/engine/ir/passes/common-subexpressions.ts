import type { AnyNode, Graph, ValueId } from '../graph.ts';
import { rebuildGraph } from './rebuild.ts';

/** Computes each (op, parameters, inputs) once: equal constants and iotas, repeated casts of one weight, shared masks. All ops are pure. */
export function shareCommonSubexpressions(graph: Graph): Graph {
  const stands = new Map<ValueId, ValueId>();
  const standsFor = (id: ValueId): ValueId => stands.get(id) ?? id;
  const known = new Map<string, AnyNode>();
  const kept = graph.nodes.filter((node) => {
    const key = `${node.op} ${node.inputs.map(standsFor).join(',')} ${JSON.stringify(node.params, exactNumbers)}`;
    const first = known.get(key);
    if (!first) {
      known.set(key, node);
      return true;
    }
    node.outputs.forEach((id, index) => stands.set(id, first.outputs[index]!));
    return false;
  });
  return rebuildGraph(graph, kept, standsFor);
}

/** JSON writes infinities and NaN as null and -0 as 0, which would make different constants look equal. */
function exactNumbers(_: string, value: unknown): unknown {
  const lossy = typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0));
  return lossy ? `number ${Object.is(value, -0) ? '-0' : String(value)}` : value;
}
