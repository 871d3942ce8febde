import type { AnyNode, Graph, ValueId } from '../../../ir/graph.ts';
import { elementCount } from '../../../ir/shape.ts';
import { isBroadcast, isReshape } from '../op-traits.ts';

/** A graph with the look-ups that scheduling needs. */
export class GraphView {
  readonly graph: Graph;
  readonly #counts: readonly number[];

  constructor(graph: Graph) {
    this.graph = graph;
    this.#counts = graph.values.map((value) => elementCount(value.type.shape));
  }

  /** The producer; null for inputs and states. */
  node(id: ValueId): AnyNode | null {
    const { origin } = this.graph.values[id]!;
    return origin.kind === 'node' ? this.graph.nodes[origin.node]! : null;
  }

  /** Place in program order; -1 for inputs and states. */
  order(id: ValueId): number {
    const { origin } = this.graph.values[id]!;
    return origin.kind === 'node' ? origin.node : -1;
  }

  shape(id: ValueId): readonly number[] {
    return this.graph.values[id]!.type.shape;
  }

  count(id: ValueId): number {
    return this.#counts[id]!;
  }

  stateName(id: ValueId): string | null {
    const { origin } = this.graph.values[id]!;
    return origin.kind === 'state' ? origin.name : null;
  }

  /** The value that a chain of reshapes starts from: the same elements in the same order. */
  unshaped(id: ValueId): ValueId {
    for (let at = id; ;) {
      const node = this.node(at);
      if (!isReshape(node) && !(isBroadcast(node) && this.count(node.inputs[0]!) === this.count(at))) return at;
      at = node.inputs[0]!;
    }
  }
}
