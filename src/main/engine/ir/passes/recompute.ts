/**
 * @file Gradient checkpointing: what a layer computed is not kept for its backward pass but computed again there, from what the layer
 * was given. The same nodes on the same values (dropout draws by counter), so results are those of the graph as it was, to the bit.
 */
import type { AnyNode, Graph, ValueId } from '../graph.ts';
import { againOf, backwardOf, isForward } from '../scope.ts';
import { GraphCopy } from './graph-copy.ts';

/** A layer's nodes that are computed again. */
interface Again {
  readonly scope: string;
  readonly nodes: readonly AnyNode[];
  /** The layer's gradient arrives with this value: nothing is computed again before it. */
  readonly arrived: ValueId;
}

/** Every scope of the forward pass is computed again for its backward pass; graphs without one come back as they are. */
export function recompute(graph: Graph): Graph {
  const scopes = new Set(graph.nodes.map(({ scope }) => scope).filter(isForward));
  const search = new Search(graph);
  // By the node before which they are computed.
  const found = new Map<AnyNode, Again>();
  for (const scope of scopes) {
    const place = search.again(scope);
    if (place) found.set(place.before, place.again);
  }
  return found.size === 0 ? graph : new Writer(graph, found).graph();
}

class Search {
  readonly #graph: Graph;
  readonly #readers = new Map<ValueId, AnyNode[]>();
  readonly #kept: ReadonlySet<ValueId>;
  readonly #byScope = new Map<string | null, AnyNode[]>();
  readonly #places = new Map<AnyNode, number>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#kept = new Set([...graph.outputs, ...graph.updates].map(({ value }) => value));
    for (const [place, node] of graph.nodes.entries()) {
      this.#places.set(node, place);
      this.#byScope.set(node.scope, [...(this.#byScope.get(node.scope) ?? []), node]);
      for (const id of new Set(node.inputs)) this.#readers.set(id, [...(this.#readers.get(id) ?? []), node]);
    }
  }

  again(scope: string): { readonly before: AnyNode; readonly again: Again } | null {
    const [forward, backward] = [this.#byScope.get(scope)!, this.#byScope.get(backwardOf(scope)) ?? []];
    const [before] = backward;
    const arrived = before && this.#arrival(backward, new Set(forward), this.#places.get(before)!);
    if (arrived === undefined) return null;
    const nodes = this.#needed(forward, backward);
    return nodes.length === 0 ? null : { before: before!, again: { scope, nodes, arrived } };
  }

  #place(id: ValueId): number {
    const { origin } = this.#graph.values[id]!;
    return origin.kind === 'node' ? origin.node : -1;
  }

  /** The last value from outside the layer before its backward pass begins. */
  #arrival(backward: readonly AnyNode[], forward: ReadonlySet<AnyNode>, begins: number): ValueId | undefined {
    const outside = backward
      .flatMap(({ inputs }) => inputs)
      .filter((id) => {
        const place = this.#place(id);
        return place >= 0 && place < begins && !forward.has(this.#graph.nodes[place]!);
      });
    return outside.toSorted((a, b) => this.#place(b) - this.#place(a))[0];
  }

  /** Nodes of the layer whose values only its own backward pass wants, as far as that wants them. */
  #needed(forward: readonly AnyNode[], backward: readonly AnyNode[]): readonly AnyNode[] {
    const inside = new Set([...forward, ...backward]);
    const leaves = (id: ValueId) => this.#kept.has(id) || this.#readers.get(id)!.some((reader) => !inside.has(reader));
    const wanted = new Set(backward.flatMap(({ inputs }) => inputs));
    return forward
      .toReversed()
      .filter(({ inputs, outputs }) => {
        if (!outputs.some((id) => wanted.has(id) && !leaves(id))) return false;
        for (const id of inputs) wanted.add(id);
        return true;
      })
      .toReversed();
  }
}

/** The graph anew, with the second computations in their places. */
class Writer {
  readonly #graph: Graph;
  readonly #found: ReadonlyMap<AnyNode, Again>;
  readonly #copy: GraphCopy;
  /** Values computed again, by the scope of the backward pass that reads them. */
  readonly #again = new Map<string, ReadonlyMap<ValueId, ValueId>>();

  constructor(graph: Graph, found: ReadonlyMap<AnyNode, Again>) {
    this.#graph = graph;
    this.#found = found;
    this.#copy = new GraphCopy(graph);
  }

  graph(): Graph {
    for (const node of this.#graph.nodes) {
      const again = this.#found.get(node);
      if (again) this.#repeat(again);
      const own = node.scope === null ? undefined : this.#again.get(node.scope);
      this.#copy.keep(
        node,
        node.inputs.map((id) => own?.get(id) ?? this.#copy.moved.get(id)!),
      );
    }
    return this.#copy.finish();
  }

  #repeat({ scope, nodes, arrived }: Again): void {
    const copies = new Map<ValueId, ValueId>();
    const given = new Map<ValueId, ValueId>();
    const input = (id: ValueId) => copies.get(id) ?? given.get(id) ?? this.#given(id, arrived, scope, given);
    for (const node of nodes) {
      const results = this.#copy.add(node, node.inputs.map(input), againOf(scope));
      node.outputs.forEach((id, i) => copies.set(id, results[i]!));
    }
    this.#again.set(backwardOf(scope)!, copies);
  }

  /** A value from outside the layer, or one that it kept. States lie in memory whatever happens. */
  #given(id: ValueId, arrived: ValueId, scope: string, given: Map<ValueId, ValueId>): ValueId {
    const { origin } = this.#graph.values[id]!;
    const { moved } = this.#copy;
    if (origin.kind === 'state') return moved.get(id)!;
    const after = { op: 'after', params: {}, inputs: [id, arrived], outputs: [id], scope: null } as const;
    const [value] = this.#copy.add(after, [moved.get(id)!, moved.get(arrived)!], againOf(scope));
    given.set(id, value!);
    return value!;
  }
}
