/** @file The most memory that a graph's values take at once when its nodes run in their order and each value is freed after its last use. */
import { byteSize } from './dtype.ts';
import type { AnyNode, Graph, ValueId } from './graph.ts';
import type { Op } from './op-types.ts';
import { elementCount } from './shape.ts';

/** What a backend's way of running a node takes beside its results. */
export interface NodeMemory {
  /** Only while the node runs. */
  readonly during: number;
  /** From this node on, until the node that gives it back: a negative number there. */
  readonly kept: number;
}

/** Results that are never written out, or that are another name for an input. */
const ALIASES: ReadonlySet<Op> = new Set(['reshape']);
const SMALL: ReadonlySet<Op> = new Set(['constant', 'iota', 'broadcast']);

/** Bytes, states and inputs not counted. @param memoryOf told each node in order */
export function livePeak(graph: Graph, memoryOf: (node: AnyNode) => NodeMemory): number {
  const sizes = new Lifetimes(graph);
  let live = 0;
  let peak = 0;
  for (const node of graph.nodes) {
    const { during, kept } = memoryOf(node);
    live += sizes.born(node) + Math.max(0, kept);
    peak = Math.max(peak, live + during);
    live += Math.min(0, kept) - sizes.freed(node);
  }
  return peak;
}

class Lifetimes {
  readonly #graph: Graph;
  readonly #alias = new Map<ValueId, ValueId>();
  readonly #reads = new Map<ValueId, number>();

  constructor(graph: Graph) {
    this.#graph = graph;
    for (const { op, inputs, outputs } of graph.nodes) if (ALIASES.has(op)) this.#alias.set(outputs[0]!, this.#root(inputs[0]!));
    // Outputs and updates are read once more, when the run is over.
    const reads = [
      ...graph.nodes.flatMap(({ inputs }) => inputs),
      ...graph.outputs.map(({ value }) => value),
      ...graph.updates.map(({ value }) => value),
    ];
    for (const id of reads) this.#reads.set(this.#root(id), (this.#reads.get(this.#root(id)) ?? 0) + 1);
  }

  born(node: AnyNode): number {
    // What nobody reads is not computed, or not kept.
    return node.outputs.reduce((sum, id) => sum + ((this.#reads.get(id) ?? 0) === 0 ? 0 : this.#bytes(node, id)), 0);
  }

  /** Values that this node was the last to read. */
  freed({ inputs }: AnyNode): number {
    let bytes = 0;
    for (const id of inputs) {
      const root = this.#root(id);
      const left = this.#reads.get(root)! - 1;
      this.#reads.set(root, left);
      const { origin } = this.#graph.values[root]!;
      if (left === 0 && origin.kind === 'node') bytes += this.#bytes(this.#graph.nodes[origin.node]!, root);
    }
    return bytes;
  }

  #bytes(node: AnyNode, id: ValueId): number {
    if (ALIASES.has(node.op) || SMALL.has(node.op)) return 0;
    const { type } = this.#graph.values[id]!;
    return elementCount(type.shape) * byteSize(type.dtype);
  }

  #root(id: ValueId): ValueId {
    return this.#alias.get(id) ?? id;
  }
}
