import type { AnyNode, Graph, Value, ValueId } from '../graph.ts';

/** A graph written anew, node by node, in another order or with some nodes twice. */
export class GraphCopy {
  readonly #from: Graph;
  readonly #values: Value[] = [];
  readonly #nodes: AnyNode[] = [];
  /** Old value -> new one. */
  readonly moved = new Map<ValueId, ValueId>();

  constructor(from: Graph) {
    this.#from = from;
    for (const { value } of [...from.inputs, ...from.states]) this.moved.set(value, this.#value(from.values[value]!));
  }

  /** The node as it was, over `inputs` if they are others. */
  keep(node: AnyNode, inputs: readonly ValueId[] = node.inputs.map((id) => this.moved.get(id)!)): void {
    const results = this.add(node, inputs, node.scope);
    node.outputs.forEach((id, i) => this.moved.set(id, results[i]!));
  }

  /** One more node. @param node tells op, parameters and, by its outputs, the types of the results @param inputs new values */
  add(node: AnyNode, inputs: readonly ValueId[], scope: string | null): readonly ValueId[] {
    const place = this.#nodes.length;
    const outputs = node.outputs.map((id, output) => this.#value({ ...this.#from.values[id]!, origin: { kind: 'node', node: place, output } }));
    this.#nodes.push({ ...node, inputs, outputs, scope });
    return outputs;
  }

  finish(): Graph {
    const { name, inputs, states, outputs, updates } = this.#from;
    const named = (list: Graph['outputs']) => list.map((entry) => ({ ...entry, value: this.moved.get(entry.value)! }));
    return {
      name,
      values: this.#values,
      nodes: this.#nodes,
      inputs: named(inputs),
      states: named(states),
      outputs: named(outputs),
      updates: named(updates),
    };
  }

  #value(value: Value): ValueId {
    const id = this.#values.length;
    this.#values.push({ ...value, id });
    return id;
  }
}
