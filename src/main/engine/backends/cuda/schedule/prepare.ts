/**
 * @file From a graph as programs write it to one of core ops (and attention) in the forms that this backend lowers: fused ops written out, dead
 * code dropped, products in dtypes that GEMM kernels have, long reductions cut in two, sums of products brought together, narrow products joined.
 */
import type { AnyNode, Graph, Node, Value, ValueId } from '../../../ir/graph.ts';
import { removeDeadCode } from '../../../ir/passes/dead-code.ts';
import { recomputeCheap } from '../../../ir/passes/recompute-cheap.ts';
import { rebuildGraph } from '../../../ir/passes/rebuild.ts';
import { elementCount } from '../../../ir/shape.ts';
import { GraphBuilder } from '../../../ops/builder.ts';
import { expandFused } from '../../../ops/expand.ts';
import { reducesTrailing } from '../codegen/row-kernel.ts';
import { COMPUTED_AGAIN, isAfter, isCast, isFold, isProduct, isReshape, isSlice, isSum, traitsOf, type FoldNode } from '../op-traits.ts';
import { claims } from '../written-kernels.ts';
import { joinNarrowProducts } from './narrow-products.ts';

export function prepareGraph(graph: Graph): Graph {
  const expanded = shareCheap(removeDeadCode(expandFused(recomputeCheap(graph, COMPUTED_AGAIN), claims)));
  return removeDeadCode(rewrite(removeDeadCode(joinNarrowProducts(expanded))));
}

/** One node for equal cheap expressions, none for a reshape to the same shape or for `after`, since kernels run in program order. */
function shareCheap(graph: Graph): Graph {
  const stands = new Map<ValueId, ValueId>();
  const standsFor = (id: ValueId): ValueId => stands.get(id) ?? id;
  const known = new Map<string, ValueId>();
  const kept = graph.nodes.filter((node) => {
    if (isAfter(node)) {
      stands.set(node.outputs[0]!, standsFor(node.inputs[0]!));
      return false;
    }
    if (!traitsOf(node).shared) return true;
    if (isReshape(node) && node.params.shape.join() === graph.values[node.inputs[0]!]!.type.shape.join()) {
      stands.set(node.outputs[0]!, standsFor(node.inputs[0]!));
      return false;
    }
    const params = JSON.stringify(node.params, (_, value: unknown) =>
      typeof value === 'number' && !(Math.abs(value) < Infinity && value !== 0) ? `number ${Object.is(value, -0) ? '-0' : String(value)}` : value,
    );
    const key = `${node.op} ${node.inputs.map(standsFor).join(',')} ${params}`;
    const first = known.get(key);
    if (first === undefined) {
      known.set(key, node.outputs[0]!);
      return true;
    }
    stands.set(node.outputs[0]!, first);
    return false;
  });
  return rebuildGraph(graph, kept, standsFor);
}

/** Uses of each value, outputs and updates counted. */
export function countUses(graph: Graph): readonly number[] {
  const uses = graph.values.map(() => 0);
  for (const node of graph.nodes) for (const id of node.inputs) uses[id]!++;
  for (const { value } of [...graph.outputs, ...graph.updates]) uses[value]!++;
  return uses;
}

function rewrite(graph: Graph): Graph {
  const b = new GraphBuilder(graph.name);
  const uses = countUses(graph);
  const moved = new Map<ValueId, Value>();
  for (const { name, value } of graph.inputs) moved.set(value, b.input(name, graph.values[value]!.type));
  for (const { name, value } of graph.states) moved.set(value, b.state(name, graph.values[value]!.type));
  for (const node of graph.nodes) {
    const results = b.within(node.scope, () => rewriteNode(b, graph, node, (id) => moved.get(id)!, uses));
    node.outputs.forEach((id, i) => moved.set(id, results[i]!));
  }
  const own = (id: ValueId) => (readsStateAsItIs(graph, id) ? copied(b, moved.get(id)!) : moved.get(id)!);
  for (const { name, value } of graph.outputs) b.output(name, own(value));
  for (const { name, value } of graph.updates) {
    const same = graph.states.some((state) => state.name === name && state.value === value);
    if (!same) b.update(b.state(name, moved.get(value)!.type), own(value));
  }
  return b.finish();
}

/** An old value handed out or into another state must be read before any update: it is copied while the program runs. */
function readsStateAsItIs(graph: Graph, id: ValueId): boolean {
  const { origin } = graph.values[id]!;
  if (origin.kind !== 'node') return origin.kind === 'state';
  const node = graph.nodes[origin.node]!;
  return traitsOf(node).view && readsStateAsItIs(graph, node.inputs[0]!);
}

/** The same elements in memory of their own: padding by nothing is no view. */
function copied(b: GraphBuilder, x: Value): Value {
  const none = x.type.shape.map(() => 0);
  return b.pad(x, none, none);
}

type Moved = (id: ValueId) => Value;

function rewriteNode(b: GraphBuilder, graph: Graph, node: AnyNode, at: Moved, uses: readonly number[]): readonly Value[] {
  const inputs = node.inputs.map(at);
  if (isProduct(node)) return [product(b, inputs, node.params)];
  if (isFold(node)) return [reduction(b, node, inputs[0]!)];
  if (isSum(node)) return [sumOfProducts(b, graph, node, at, uses)];
  if (isCast(node)) return [castOfState(b, graph, node, at) ?? b.cast(inputs[0]!, node.params.dtype)];
  return b.append(node.op, inputs, node.params as never);
}

/** Pieces that start on 16 bytes whatever their dtype. */
const PIECE = 8;

/** A cast of a piece of a flat state is a piece of the state's cast: one kernel casts for every reader. */
function castOfState(b: GraphBuilder, graph: Graph, node: Node<'cast'>, at: Moved): Value | null {
  const from = (id: ValueId) => graph.values[id]!.origin;
  const nodeOf = (id: ValueId) => {
    const origin = from(id);
    return origin.kind === 'node' ? graph.nodes[origin.node]! : null;
  };
  const [piece] = node.inputs as [ValueId];
  const shaped = nodeOf(piece);
  const slice = isReshape(shaped) ? nodeOf(shaped.inputs[0]!) : shaped;
  if (!isSlice(slice) || from(slice.inputs[0]!).kind !== 'state' || slice.params.starts.length !== 1 || slice.params.starts[0]! % PIECE !== 0)
    return null;
  const state = at(slice.inputs[0]!);
  const known = b.nodes.filter(isCast).find(({ inputs, params }) => inputs[0] === state.id && params.dtype === node.params.dtype);
  const whole = known ? b.values[known.outputs[0]!]! : b.cast(state, node.params.dtype);
  return b.reshape(b.slice(whole, slice.params.starts, slice.params.sizes), graph.values[node.outputs[0]!]!.type.shape);
}

/** GEMM kernels take bf16 (giving bf16 or f32) and f32 (giving f32); other combinations go through f32. */
function product(
  b: GraphBuilder,
  [x, y]: readonly Value[],
  params: { readonly transA: boolean; readonly transB: boolean; readonly dtype: Value['type']['dtype'] },
): Value {
  const { dtype, ...flags } = params;
  const from = x!.type.dtype;
  const has = (from === 'bf16' && (dtype === 'bf16' || dtype === 'f32')) || (from === 'f32' && dtype === 'f32');
  if (has) return b.matmul(x!, y!, params);
  const wide = from === 'bf16' ? [x!, y!] : [b.cast(x!, 'f32'), b.cast(y!, 'f32')];
  return b.cast(b.matmul(wide[0]!, wide[1]!, { ...flags, dtype: 'f32' }), dtype);
}

/** (product + x) + product' becomes (product + product') + x where nothing else reads the inner sum: the second product is added in place. */
function sumOfProducts(b: GraphBuilder, graph: Graph, node: AnyNode, at: Moved, uses: readonly number[]): Value {
  const nodeOf = (id: ValueId): AnyNode | null => {
    const { origin } = graph.values[id]!;
    return origin.kind === 'node' ? graph.nodes[origin.node]! : null;
  };
  const isOwn = (id: ValueId) => isProduct(nodeOf(id)) && uses[id] === 1;
  const [left, right] = node.inputs as [ValueId, ValueId];
  for (const [inner, last] of [
    [left, right],
    [right, left],
  ] as const) {
    const sum = nodeOf(inner);
    if (!isOwn(last) || !isSum(sum) || uses[inner] !== 1) continue;
    const [first, other] = isOwn(sum.inputs[0]!) ? sum.inputs : [sum.inputs[1]!, sum.inputs[0]!];
    const same = graph.values[first!]!.type.shape.join() === graph.values[last]!.type.shape.join();
    if (!isOwn(first!) || !same || isOwn(other!)) continue;
    return b.add(b.add(at(first!), at(last)), at(other!));
  }
  return b.add(at(left), at(right));
}

/** Multiprocessors to keep busy; a fixed figure, so that results do not depend on the card. */
const BLOCKS_WANTED = 528;

/** A long reduction with few results is taken in two steps of fixed order. */
function reduction(b: GraphBuilder, { op, params }: FoldNode, x: Value): Value {
  const whole = (value: Value) => b.append(op, [value], params)[0]!;
  const { shape, dtype } = x.type;
  const { axes } = params;
  const length = elementCount(shape.filter((_, axis) => axes.includes(axis)));
  const results = elementCount(shape.filter((_, axis) => !axes.includes(axis)));
  const trailing = reducesTrailing(shape, axes);
  const leading = axes.every((axis, i) => axis === i);
  if (results === 0 || length === 0 || (!trailing && !leading)) return whole(x);
  const blocks = trailing ? results : Math.ceil(results / 64);
  const least = trailing ? 16_384 : 128;
  const parts = largestDivisor(length, Math.min(Math.floor(length / least), Math.ceil(BLOCKS_WANTED / blocks)));
  if (parts < 2) return whole(x);
  const wide = b.cast(x, 'f32');
  const cut = trailing ? [results, parts, length / parts] : [parts, length / parts, results];
  const partial = b.append(op, [b.reshape(wide, cut)], { axes: [trailing ? 2 : 1], keepDims: false })[0]!;
  const total = b.append(op, [partial], { axes: [trailing ? 1 : 0], keepDims: false })[0]!;
  const target = shape.flatMap((size, axis) => (axes.includes(axis) ? (params.keepDims ? [1] : []) : [size]));
  return b.cast(b.reshape(total, target), dtype);
}

function largestDivisor(n: number, most: number): number {
  for (let divisor = Math.min(n, most); divisor > 1; divisor--) if (n % divisor === 0) return divisor;
  return 1;
}
