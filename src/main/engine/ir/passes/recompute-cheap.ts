/**
 * @file Norms and activations that the backward pass reads are computed there a second time, beside the gradient that goes through
 * them and reads the same inputs anyway: one more result of one kernel, instead of a tensor that waits from the forward pass on.
 * Not so what is computed again already: that waits for nothing. Whoever reads it waits for that gradient, which none of them comes before. Results are the same to the bit.
 */
import type { AnyNode, Graph, ValueId } from '../graph.ts';
import type { Op } from '../op-types.ts';
import { isBackward, isForward } from '../scope.ts';
import { GraphCopy } from './graph-copy.ts';

/** @param gradientOf the op that carries the gradient through an op, and takes that op's inputs first */
export function recomputeCheap(graph: Graph, gradientOf: Readonly<Partial<Record<Op, Op>>>): Graph {
  const readers = new Map<ValueId, AnyNode[]>();
  for (const node of graph.nodes) for (const id of new Set(node.inputs)) readers.set(id, [...(readers.get(id) ?? []), node]);
  /** Gradient -> what is computed again beside it. */
  const beside = new Map<AnyNode, AnyNode>();
  const late = new Set<ValueId>();
  for (const node of graph.nodes) {
    const op = gradientOf[node.op];
    const gradient = op && readers.get(node.inputs[0]!)!.find((reader) => reader.op === op && node.inputs.every((id, i) => reader.inputs[i] === id));
    if (!gradient || !isForward(node.scope) || !node.outputs.some((id) => readers.get(id)?.some(({ scope }) => isBackward(scope)))) continue;
    beside.set(gradient, node);
    for (const id of node.outputs) late.add(id);
  }
  return late.size === 0 ? graph : new Writer(graph, beside, late).graph();
}

class Writer {
  readonly #graph: Graph;
  readonly #beside: ReadonlyMap<AnyNode, AnyNode>;
  /** Values that the backward pass takes from their second computation. */
  readonly #late: ReadonlySet<ValueId>;
  readonly #copy: GraphCopy;
  readonly #again = new Map<ValueId, ValueId>();
  #waiting: AnyNode[] = [];
  /** What waiting nodes will give. */
  readonly #awaited = new Set<ValueId>();

  constructor(graph: Graph, beside: ReadonlyMap<AnyNode, AnyNode>, late: ReadonlySet<ValueId>) {
    this.#graph = graph;
    this.#beside = beside;
    this.#late = late;
    this.#copy = new GraphCopy(graph);
  }

  graph(): Graph {
    for (const node of this.#graph.nodes) {
      const cheap = this.#beside.get(node);
      if (cheap) this.#repeat(cheap, node.scope);
      // A gradient that waits would wait for itself: what it waits for is there by now.
      if (cheap && this.#waits(node)) this.#settle();
      if (this.#waits(node)) {
        this.#waiting.push(node);
        for (const id of node.outputs) this.#awaited.add(id);
        continue;
      }
      this.#write(node);
      if (cheap) this.#settle();
    }
    this.#settle();
    return this.#copy.finish();
  }

  #repeat(node: AnyNode, scope: string | null): void {
    const results = this.#copy.add(
      node,
      node.inputs.map((id) => this.#copy.moved.get(id)!),
      scope,
    );
    node.outputs.forEach((id, i) => this.#again.set(id, results[i]!));
  }

  #waits({ inputs, scope }: AnyNode): boolean {
    return inputs.some((id) => this.#awaited.has(id) || (isBackward(scope) && this.#late.has(id) && !this.#again.has(id)));
  }

  #write(node: AnyNode): void {
    const input = (id: ValueId) => (isBackward(node.scope) ? this.#again.get(id) : undefined) ?? this.#copy.moved.get(id)!;
    this.#copy.keep(node, node.inputs.map(input));
  }

  /** Writes what waits for nothing any more, in its order. */
  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const node of waiting) for (const id of node.outputs) this.#awaited.delete(id);
    for (const node of waiting) {
      if (this.#waits(node)) {
        this.#waiting.push(node);
        for (const id of node.outputs) this.#awaited.add(id);
      } else this.#write(node);
    }
  }
}
