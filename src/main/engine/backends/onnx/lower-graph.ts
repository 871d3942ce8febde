/** @file Walks a graph of core ops and claimed fused ops, and writes the ONNX model that computes it. */
import { isHalf } from '../../ir/float-bits.ts';
import type { AnyNode, Graph, TensorType, ValueId } from '../../ir/graph.ts';
import type { Op } from '../../ir/op-types.ts';
import { sameShape, type Shape } from '../../ir/shape.ts';
import { coreLowerings } from './lower/core-lowerings.ts';
import { fusedLowerings } from './lower/fused-lowerings.ts';
import { carrierOf, type LazyOperand, type LoweringContext, type LoweringInput, type OnnxLowering, type Operand } from './lower/lowering.ts';
import { ONNX_TYPE, OnnxModelWriter, type OnnxAttributes } from './model-writer.ts';

/** ONNX names of what goes in and out; IR names may repeat between an input and a state. */
export function inputName(name: string): string {
  return `in:${name}`;
}
export function stateName(name: string): string {
  return `state:${name}`;
}
export function outputName(name: string): string {
  return `out:${name}`;
}
export function updateName(name: string): string {
  return `next:${name}`;
}

const MICROSOFT = { domain: 'com.microsoft' } as const;
const lowerings: { readonly [K in Op]?: OnnxLowering<K> } = { ...coreLowerings, ...fusedLowerings };

/**
 * Writes `graph` as an ONNX model: inputs and states are model inputs, outputs and updates model outputs, all in the carrier
 * types of `lowering.ts`. Nothing that no output needs is written.
 */
export function lowerGraph(graph: Graph): OnnxModelWriter {
  const writer = new OnnxModelWriter(graph.name);
  const scope = new Scope(graph, writer);
  for (const { name, value } of graph.inputs) scope.declare(inputName(name), value);
  for (const { name, value } of graph.states) scope.declare(stateName(name), value);
  const wanted = liveNodes(graph);
  graph.nodes.forEach((node, index) => wanted.has(index) && scope.lower(node));
  for (const { name, value } of graph.outputs) scope.result(outputName(name), value);
  for (const { name, value } of graph.updates) scope.result(updateName(name), value);
  return writer;
}

class Scope {
  readonly #graph: Graph;
  readonly #writer: OnnxModelWriter;
  readonly #operands = new Map<ValueId, Operand | LazyOperand>();
  readonly #full = new Map<ValueId, string>();
  readonly #context: LoweringContext;

  constructor(graph: Graph, writer: OnnxModelWriter) {
    this.#graph = graph;
    this.#writer = writer;
    this.#context = createContext(writer);
  }

  declare(name: string, value: ValueId): void {
    const type = this.#type(value);
    this.#writer.input(name, carrierOf(type.dtype), type.shape);
    this.#operands.set(value, { name, shape: type.shape });
  }

  lower(node: AnyNode): void {
    const lowering = lowerings[node.op] as OnnxLowering<Op> | undefined;
    if (!lowering) throw new Error(`[onnx] ${node.op} reached the lowering unexpanded in graph ${this.#graph.name}`);
    const outputs = node.outputs.map((id) => this.#type(id));
    const results = lowering(
      this.#context,
      node.inputs.map((id) => this.#input(id)),
      node.params as never,
      outputs,
    );
    node.outputs.forEach((id, i) => this.#operands.set(id, results[i]!));
  }

  result(name: string, value: ValueId): void {
    const type = this.#type(value);
    this.#writer.alias(this.#materialise(value), name);
    this.#writer.output(name, carrierOf(type.dtype), type.shape);
  }

  #input(value: ValueId): LoweringInput {
    return { type: this.#type(value), operand: () => this.#operand(value), full: () => this.#materialise(value) };
  }

  #operand(value: ValueId): Operand {
    const known = this.#operands.get(value);
    if (known === undefined) throw new Error(`[onnx] %${value} is used before it is lowered in graph ${this.#graph.name}`);
    if (typeof known !== 'function') return known;
    const operand = known();
    this.#operands.set(value, operand);
    return operand;
  }

  #materialise(value: ValueId): string {
    const known = this.#full.get(value);
    if (known !== undefined) return known;
    const { name, shape } = this.#operand(value);
    const wanted = this.#type(value).shape;
    const full = sameShape(shape, wanted) ? name : this.#context.emit('Expand', [name, this.#writer.constant('i64', wanted)]);
    this.#full.set(value, full);
    return full;
  }

  #type(value: ValueId): TensorType {
    return this.#graph.values[value]!.type;
  }
}

function createContext(writer: OnnxModelWriter): LoweringContext {
  const emit = (opType: string, inputs: readonly string[], attributes?: OnnxAttributes) => writer.node(opType, inputs, attributes)[0]!;
  const cast = (name: string, type: keyof typeof ONNX_TYPE) => emit('Cast', [name], { to: { int: ONNX_TYPE[type] } });
  const known = new Map<string, string>();
  return {
    writer,
    emit,
    emitMicrosoft: (opType, inputs, attributes) => writer.node(opType, inputs, attributes, MICROSOFT)[0]!,
    round: (name, dtype) => (isHalf(dtype) ? cast(cast(name, dtype), 'f32') : name),
    reshape: (name: string, shape: Shape) => emit('Reshape', [name, writer.constant('i64', shape)], { allowzero: { int: 1 } }),
    shared: (key, write) => {
      const name = known.get(key) ?? write();
      known.set(key, name);
      return name;
    },
  };
}

/** Indices of the nodes that some output or update depends on. */
function liveNodes(graph: Graph): ReadonlySet<number> {
  const live = new Set<number>();
  const pending = [...graph.outputs, ...graph.updates].map((entry) => entry.value);
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    const { origin } = graph.values[value]!;
    if (origin.kind !== 'node' || live.has(origin.node)) continue;
    live.add(origin.node);
    pending.push(...graph.nodes[origin.node]!.inputs);
  }
  return live;
}
