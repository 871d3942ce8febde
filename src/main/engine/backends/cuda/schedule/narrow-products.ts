/**
 * @file Products that read one wide operand and are narrow themselves become one product, which reads it once: what the adapters of
 * q, k and v (or gate and up) take of their common input, and their gradients by it.
 */
import type { AnyNode, Graph, Node, Value, ValueId } from '../../../ir/graph.ts';
import { GraphBuilder } from '../../../ops/builder.ts';
import { isCast, isProduct, isSum, traitsOf } from '../op-traits.ts';

/** Widest of a group's products, and of the product that stands for them. */
const NARROW = 64;
const MAX_WIDTH = 256;
/** Pieces of 8 elements start on 16 bytes. */
const STEP = 8;

interface Group {
  /** The wide operand. */
  readonly shared: ValueId;
  readonly members: readonly Node<'matmul'>[];
  /**
   * `columns`: x A^T of several A, side by side. `rows`: D^T x of several D, one below the other; where sums also have the products
   * D A of all of them, those become one as well.
   */
  readonly kind: 'columns' | 'rows';
}

/** A sum of products of which some take a narrow operand of the same group. */
interface Sum {
  readonly leaves: readonly ValueId[];
  readonly short: readonly Node<'matmul'>[];
}

export function joinNarrowProducts(graph: Graph): Graph {
  const search = new Search(graph);
  const groups = search.groups();
  return groups.length === 0 ? graph : new Joined(graph, groups, search).graph();
}

class Search {
  readonly #graph: Graph;
  readonly #readers = new Map<ValueId, AnyNode[]>();
  readonly #kept: ReadonlySet<ValueId>;
  /** Root of a sum -> what it becomes, and nodes that are gone with it. */
  readonly sums = new Map<AnyNode, Sum>();
  readonly gone = new Set<AnyNode>();

  constructor(graph: Graph) {
    this.#graph = graph;
    for (const node of graph.nodes) for (const id of new Set(node.inputs)) this.#readers.set(id, [...(this.#readers.get(id) ?? []), node]);
    this.#kept = new Set([...graph.outputs, ...graph.updates].map(({ value }) => value));
  }

  groups(): readonly Group[] {
    const found = new Map<string, Group>();
    for (const node of this.#graph.nodes) {
      if (!isProduct(node)) continue;
      const { transA, transB, dtype } = node.params;
      const [left, right] = node.inputs as [ValueId, ValueId];
      // What is cast is written anyway, together as well as apart; a weight that lies in memory would have to be copied.
      const columns = !transA && transB && this.#isNarrow(right, 0) && this.#isGiven(right) && isCast(this.#node(right));
      const rows = transA && !transB && this.#isNarrow(left, 1);
      if (!columns && !rows) continue;
      const [kind, shared] = columns ? (['columns', left] as const) : (['rows', right] as const);
      // What is computed again must not be joined to what was computed before.
      const key = `${kind} ${shared} ${dtype} ${node.scope ?? ''}`;
      found.set(key, { kind, shared, members: [...(found.get(key)?.members ?? []), node] });
    }
    return [...found.values()].filter((group) => this.#pays(group) && (group.kind === 'columns' || this.#ownsItsPieces(group)));
  }

  #type(id: ValueId): Value['type'] {
    return this.#graph.values[id]!.type;
  }

  #node(id: ValueId): AnyNode | null {
    const { origin } = this.#graph.values[id]!;
    return origin.kind === 'node' ? this.#graph.nodes[origin.node]! : null;
  }

  #isNarrow(id: ValueId, axis: 0 | 1): boolean {
    const { shape } = this.#type(id);
    return shape.length === 2 && shape[axis]! <= NARROW && shape[axis]! % STEP === 0 && shape[1 - axis]! > shape[axis]!;
  }

  /** Known before the program runs, so that it can be computed at any place. */
  #isGiven(id: ValueId): boolean {
    const node = this.#node(id);
    return node === null || (traitsOf(node).shared && node.inputs.length > 0 && node.inputs.every((input) => this.#isGiven(input)));
  }

  #pays({ members, kind, shared }: Group): boolean {
    const width = members.reduce((sum, { outputs }) => sum + this.#type(outputs[0]!).shape.at(kind === 'columns' ? -1 : -2)!, 0);
    const distinct = new Set(members.map(({ inputs }) => inputs[kind === 'columns' ? 1 : 0])).size === members.length;
    return members.length > 1 && distinct && width <= MAX_WIDTH && this.#type(shared).shape.length === 2;
  }

  /** Whether each narrow operand is read here and, if at all, in products of one sum: then it need not exist by itself. */
  #ownsItsPieces({ members }: Group): boolean {
    const others = members.map((member) => this.#readers.get(member.inputs[0]!)!.filter((reader) => reader !== member));
    if (members.some(({ inputs }) => this.#kept.has(inputs[0]!))) return false;
    if (others.every((list) => list.length === 0)) return true;
    const short = others.map((list) => list[0]);
    const plain = (node: AnyNode | undefined): node is Node<'matmul'> => isProduct(node) && !node.params.transA && !node.params.transB;
    if (!others.every((list) => list.length === 1) || !short.every(plain)) return false;
    if (!short.every((node, i) => node.inputs[0] === members[i]!.inputs[0] && this.#isGiven(node.inputs[1]!))) return false;
    return this.#joinSum(short);
  }

  /** Notes the sum that has all of `short` as addends, if there is one. */
  #joinSum(short: readonly Node<'matmul'>[]): boolean {
    const roots = new Set(short.map((node) => this.#rootOf(node)));
    const [root] = roots;
    if (roots.size > 1 || !isSum(root)) return false;
    const inner: AnyNode[] = [];
    const leavesOf = (node: AnyNode): readonly ValueId[] =>
      node.inputs.flatMap((id) => {
        const from = this.#node(id);
        if (!isSum(from) || this.#sumOver(id) !== node) return [id];
        inner.push(from);
        return leavesOf(from);
      });
    const gone = new Set<ValueId>(short.map(({ outputs }) => outputs[0]!));
    const leaves = leavesOf(root).filter((id) => !gone.has(id));
    this.sums.set(root, { leaves, short });
    for (const node of [...inner, ...short]) this.gone.add(node);
    return true;
  }

  /** The add of the same type that alone reads a value. */
  #sumOver(id: ValueId): AnyNode | null {
    const readers = this.#readers.get(id) ?? [];
    const [reader] = readers;
    const fits = readers.length === 1 && isSum(reader) && reader.inputs[0] !== reader.inputs[1] && !this.#kept.has(id);
    const same = (a: Value['type'], b: Value['type']) => a.dtype === b.dtype && a.shape.join() === b.shape.join();
    return fits && same(this.#type(id), this.#type(reader!.outputs[0]!)) ? reader! : null;
  }

  #rootOf(node: AnyNode): AnyNode {
    for (let at = node; ;) {
      const over = this.#sumOver(at.outputs[0]!);
      if (!over) return at;
      at = over;
    }
  }
}

/** The graph written anew. A group is written where its last member stood, or before whoever reads one of them earlier. */
class Joined {
  readonly #graph: Graph;
  readonly #search: Search;
  readonly #b: GraphBuilder;
  readonly #moved = new Map<ValueId, Value>();
  readonly #groupOf = new Map<AnyNode, Group>();
  /** Concatenations made so far, by axis and pieces. */
  readonly #whole = new Map<string, Value>();

  constructor(graph: Graph, groups: readonly Group[], search: Search) {
    this.#graph = graph;
    this.#search = search;
    this.#b = new GraphBuilder(graph.name);
    for (const group of groups) for (const member of group.members) this.#groupOf.set(member, group);
  }

  graph(): Graph {
    const { inputs, states, nodes, outputs, updates, values } = this.#graph;
    for (const { name, value } of inputs) this.#moved.set(value, this.#b.input(name, values[value]!.type));
    for (const { name, value } of states) this.#moved.set(value, this.#b.state(name, values[value]!.type));
    for (const node of nodes) {
      const group = this.#groupOf.get(node);
      if (this.#moved.has(node.outputs[0]!) || this.#search.gone.has(node) || (group && group.members.at(-1) !== node)) continue;
      this.#write(node);
    }
    for (const { name, value } of outputs) this.#b.output(name, this.#at(value));
    for (const { name, value } of updates) this.#b.update(this.#b.state(name, this.#at(value).type), this.#at(value));
    return this.#b.finish();
  }

  #at = (id: ValueId): Value => {
    const { origin } = this.#graph.values[id]!;
    if (!this.#moved.has(id) && origin.kind === 'node') this.#write(this.#graph.nodes[origin.node]!);
    return this.#moved.get(id)!;
  };

  #write(node: AnyNode): void {
    const [group, sum] = [this.#groupOf.get(node), this.#search.sums.get(node)];
    if (group) return this.#b.within(node.scope, () => this.#writeGroup(group));
    this.#b.within(node.scope, () => this.#writeOne(node, sum));
  }

  #writeOne(node: AnyNode, sum: Sum | undefined): void {
    const results = sum ? [this.#sum(sum)] : this.#b.append(node.op, node.inputs.map(this.#at), node.params as never);
    node.outputs.forEach((id, i) => this.#moved.set(id, results[i]!));
  }

  #writeGroup({ kind, shared, members }: Group): void {
    const wide = this.#at(shared);
    const { params } = members[0]!;
    const pieces = members.map(({ inputs }) => inputs[kind === 'columns' ? 1 : 0]!);
    const whole = kind === 'columns' ? this.#b.matmul(wide, this.#concat(pieces, 0), params) : this.#b.matmul(this.#concat(pieces, 1), wide, params);
    let start = 0;
    for (const { outputs } of members) {
      const axis = kind === 'columns' ? 1 : 0;
      const size = this.#graph.values[outputs[0]!]!.type.shape[axis]!;
      this.#moved.set(outputs[0]!, this.#b.sliceAxis(whole, axis, start, size));
      start += size;
    }
  }

  #sum({ leaves, short }: Sum): Value {
    const order = [...short].sort((a, b) => a.outputs[0]! - b.outputs[0]!);
    const group = [...this.#groupOf.values()].find(({ members }) => members.some(({ inputs }) => inputs[0] === order[0]!.inputs[0]))!;
    const pieces = group.members.map(({ inputs }) => inputs[0]!);
    const factors = pieces.map((piece) => short.find(({ inputs }) => inputs[0] === piece)!.inputs[1]!);
    const joined = this.#b.matmul(this.#concat(pieces, 1), this.#concat(factors, 0), order[0]!.params);
    return [...leaves.map(this.#at), joined].reduce((total, part) => this.#b.add(total, part));
  }

  #concat(pieces: readonly ValueId[], axis: number): Value {
    const key = `${axis} ${pieces.join()}`;
    const known = this.#whole.get(key);
    if (known) return known;
    const made = this.#b.concat(pieces.map(this.#at), axis);
    this.#whole.set(key, made);
    return made;
  }
}
