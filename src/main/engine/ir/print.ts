import { formatType, type AnyNode, type Graph, type ValueId } from './graph.ts';

/** One line a node, as `%7 = matmul(%3, %5) {transB: true} : f32[4, 8] @model.layers.0`: what a failing test or a bug report shows. */
export function printGraph(graph: Graph): string {
  const named = (kind: string, list: Graph['inputs']) => list.map(({ name, value }) => `  ${kind} ${name} = %${value} : ${typeOf(graph, value)}`);
  return [
    `graph ${graph.name} {`,
    ...named('input', graph.inputs),
    ...named('state', graph.states),
    ...graph.nodes.map((node) => `  ${printNode(graph, node)}`),
    ...graph.outputs.map(({ name, value }) => `  output ${name} = %${value}`),
    ...graph.updates.map(({ name, value }) => `  update ${name} <- %${value}`),
    '}',
  ].join('\n');
}

export function printNode(graph: Graph, node: AnyNode): string {
  const left = node.outputs.map((id) => `%${id}`).join(', ');
  const types = node.outputs.map((id) => typeOf(graph, id)).join(', ');
  const params = Object.keys(node.params).length > 0 ? ` ${JSON.stringify(node.params).replaceAll('"', '')}` : '';
  return `${left} = ${node.op}(${node.inputs.map((id) => `%${id}`).join(', ')})${params} : ${types}${node.scope === null ? '' : ` @${node.scope}`}`;
}

function typeOf(graph: Graph, id: ValueId): string {
  return formatType(graph.values[id]!.type);
}
