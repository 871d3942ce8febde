import type { AnyNode, Graph, NamedValue, TensorType, Value, ValueId, ValueOrigin } from './graph.ts';
import type { Op, OpParams } from './op-types.ts';

/** Gives the output types of a node, or throws a GraphError naming op, got and expected. */
export type ShapeRule<K extends Op> = (inputs: readonly TensorType[], params: OpParams[K]) => readonly TensorType[];
export type ShapeRules = { readonly [K in Op]: ShapeRule<K> };

/** Wrong shapes or dtypes, found while a graph is built: by the time it runs nothing of the kind can be wrong. */
export class GraphError extends Error {
  constructor(where: string, message: string) {
    super(`[${where}] ${message}`);
    this.name = 'GraphError';
  }
}

/**
 * Appends nodes to a graph, typing each as it comes. Knows no op: rules are handed in.
 * Use `GraphBuilder` of `ops/builder.ts`, which has a method for every op.
 */
export class NodeAppender {
  readonly name: string;
  readonly #rules: ShapeRules;
  readonly #values: Value[] = [];
  readonly #nodes: AnyNode[] = [];
  readonly #inputs: NamedValue[] = [];
  readonly #states: NamedValue[] = [];
  readonly #outputs: NamedValue[] = [];
  readonly #updates: NamedValue[] = [];
  #scope: string | null = null;

  constructor(name: string, rules: ShapeRules) {
    this.name = name;
    this.#rules = rules;
  }

  get values(): readonly Value[] {
    return this.#values;
  }

  get nodes(): readonly AnyNode[] {
    return this.#nodes;
  }

  /** Declares a tensor fed at every run. */
  input(name: string, type: TensorType): Value {
    return this.#declare(this.#inputs, 'input', name, type);
  }

  /** Reads a state owned by the backend; a second call with the same name gives the same value. */
  state(name: string, type: TensorType): Value {
    const known = this.#states.find((entry) => entry.name === name);
    return known ? this.#values[known.value]! : this.#declare(this.#states, 'state', name, type);
  }

  output(name: string, value: Value): void {
    this.#outputs.push({ name, value: value.id });
  }

  /** `state` takes `value` when the run ends. */
  update(state: Value, value: Value): void {
    if (state.origin.kind !== 'state') throw new GraphError(this.name, 'update needs a state value');
    this.#updates.push({ name: state.origin.name, value: value.id });
  }

  /** Nodes that `write` appends belong to `scope`. */
  within<T>(scope: string | null, write: () => T): T {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return write();
    } finally {
      this.#scope = outer;
    }
  }

  append<K extends Op>(op: K, inputs: readonly Value[], params: OpParams[K]): readonly Value[] {
    const rule = this.#rules[op] as ShapeRule<K>;
    const types = rule(
      inputs.map((value) => value.type),
      params,
    );
    const node = this.#nodes.length;
    const outputs = types.map((type, output) => this.#value(type, { kind: 'node', node, output }));
    // The rule has just accepted op and params together, which is what AnyNode states.
    this.#nodes.push({ op, params, inputs: ids(inputs), outputs: ids(outputs), scope: this.#scope } as unknown as AnyNode);
    return outputs;
  }

  finish(): Graph {
    return {
      name: this.name,
      values: [...this.#values],
      nodes: [...this.#nodes],
      inputs: [...this.#inputs],
      states: [...this.#states],
      outputs: [...this.#outputs],
      updates: [...this.#updates],
    };
  }

  #declare(list: NamedValue[], kind: 'input' | 'state', name: string, type: TensorType): Value {
    if (list.some((entry) => entry.name === name)) throw new GraphError(this.name, `${kind} "${name}" declared twice`);
    const value = this.#value(type, { kind, name });
    list.push({ name, value: value.id });
    return value;
  }

  #value(type: TensorType, origin: ValueOrigin): Value {
    const value: Value = { id: this.#values.length, type, origin };
    this.#values.push(value);
    return value;
  }
}

function ids(values: readonly Value[]): readonly ValueId[] {
  return values.map((value) => value.id);
}
