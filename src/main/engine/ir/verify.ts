import { GraphError, type ShapeRule, type ShapeRules } from './builder.ts';
import { formatType, type AnyNode, type Graph, type ValueId } from './graph.ts';
import type { Op } from './op-types.ts';
import { printNode } from './print.ts';
import { sameShape } from './shape.ts';

/**
 * The executable spec of a graph: throws a GraphError naming the first thing that breaks it. Run in tests after every pass.
 * Checks: values numbered in place, every input defined before use, each value produced once, node types equal to what the
 * shape rule says, updates of declared states with the state's own type.
 */
export function verifyGraph(graph: Graph, rules: ShapeRules): void {
  const defined = new Set<ValueId>();
  const fail = (message: string): never => {
    throw new GraphError(graph.name, message);
  };
  graph.values.forEach((value, index) => value.id === index || fail(`value ${index} carries id ${value.id}`));
  for (const { name, value } of [...graph.inputs, ...graph.states]) {
    if (defined.has(value)) fail(`%${value} (${name}) is declared twice`);
    defined.add(value);
  }
  for (const node of graph.nodes) {
    for (const id of node.inputs) if (!defined.has(id)) fail(`%${id} is used before it is defined: ${printNode(graph, node)}`);
    checkTypes(graph, node, rules, fail);
    for (const id of node.outputs) {
      if (defined.has(id)) fail(`%${id} is produced twice`);
      defined.add(id);
    }
  }
  for (const { name, value } of graph.outputs) if (!defined.has(value)) fail(`output ${name} = %${value} is not defined`);
  for (const { name, value } of graph.updates) checkUpdate(graph, name, value, defined, fail);
}

function checkTypes(graph: Graph, node: AnyNode, rules: ShapeRules, fail: (message: string) => never): void {
  const rule = rules[node.op] as ShapeRule<Op>;
  const expected = rule(
    node.inputs.map((id) => graph.values[id]!.type),
    node.params as never,
  );
  if (expected.length !== node.outputs.length) fail(`${expected.length} outputs expected: ${printNode(graph, node)}`);
  node.outputs.forEach((id, index) => {
    const got = graph.values[id]!.type;
    const want = expected[index]!;
    if (got.dtype !== want.dtype || !sameShape(got.shape, want.shape)) {
      fail(`${printNode(graph, node)}: the rule gives ${formatType(want)}`);
    }
  });
}

function checkUpdate(graph: Graph, name: string, value: ValueId, defined: Set<ValueId>, fail: (message: string) => never): void {
  const state = graph.states.find((entry) => entry.name === name);
  if (!state) return fail(`update of undeclared state ${name}`);
  if (!defined.has(value)) fail(`update of ${name} by undefined %${value}`);
  const want = graph.values[state.value]!.type;
  const got = graph.values[value]!.type;
  if (want.dtype !== got.dtype || !sameShape(want.shape, got.shape)) {
    fail(`update of ${name}: ${formatType(got)} into ${formatType(want)}`);
  }
}
