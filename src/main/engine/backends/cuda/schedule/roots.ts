/**
 * @file Which values are written to memory. Required: what products, scatters, outputs and updates take. Beyond that a value is
 * written where computing it again for each reader would cost more than writing it once; everything else lives in registers.
 */
import { byteSize } from '../../../ir/dtype.ts';
import type { AnyNode, Node, ValueId } from '../../../ir/graph.ts';
import { isCast, isConcat, isConstant, isIota, isProduct, isReduce, isScatter, isSlice, isSum, isTranspose, traitsOf } from '../op-traits.ts';
import { alignmentOf } from '../written-kernels.ts';
import type { GraphView } from './graph-view.ts';
import { operandView, scaled, type OperandChoice } from './products.ts';
import { stridedView } from './strided-view.ts';

/** Readers this close in program order end in one kernel as a rule, so that they share what they compute: a chunk of the loss is as long. */
const NEAR = 64;
/** Pieces of a concatenation that are cheaper written one by one than picked apart for every element. */
const MANY_PIECES = 4;

export interface Roots {
  readonly inMemory: (id: ValueId) => boolean;
  readonly roots: ReadonlySet<ValueId>;
  /** Operands of each product by node. */
  readonly operands: ReadonlyMap<AnyNode, readonly [OperandChoice, OperandChoice]>;
  /** Scaled products and sums of products, written by GEMM calls alone. */
  readonly combined: ReadonlyMap<ValueId, readonly Part[]>;
  /** Concatenations whose pieces are written where they belong. */
  readonly assembled: ReadonlySet<ValueId>;
  /** Products that are written as columns of a concatenation, and the concatenations. */
  readonly columns: ReadonlyMap<ValueId, ColumnPlace>;
  readonly sideBySide: ReadonlySet<ValueId>;
}

export interface ColumnPlace {
  readonly into: ValueId;
  /** In elements. */
  readonly offset: number;
  /** From row to row of the whole. */
  readonly leading: number;
}

/** One product of a sum of products, times a number. */
export interface Part {
  readonly matmul: ValueId;
  readonly alpha: number;
}

/**
 * Values that GEMM calls write by themselves: a product times a number, and sums of such products, each added in place. Every part
 * has no other reader. Value -> its parts in program order.
 */
export function combinedProducts(view: GraphView, uses: readonly number[]): ReadonlyMap<ValueId, readonly Part[]> {
  const found = new Map<ValueId, readonly Part[]>();
  const partsOf = (id: ValueId): readonly Part[] | null =>
    uses[id] !== 1 ? null : isProduct(view.node(id)) ? [{ matmul: id, alpha: 1 }] : (found.get(id) ?? null);
  for (const node of view.graph.nodes) {
    const output = node.outputs[0]!;
    const factor = scaled(view.graph, output);
    if (factor && uses[factor.value] === 1 && isProduct(view.node(factor.value)) && sameShapes(view, factor.value, output)) {
      found.set(output, [{ matmul: factor.value, alpha: factor.scale }]);
    }
    if (!isSum(node) || node.inputs[0] === node.inputs[1]) continue;
    const [a, b] = node.inputs.map((id) => (sameShapes(view, id, output) ? partsOf(id) : null));
    if (!a || !b) continue;
    for (const id of node.inputs) found.delete(id);
    found.set(
      output,
      [...a, ...b].sort((x, y) => view.order(x.matmul) - view.order(y.matmul)),
    );
  }
  return found;
}

function sameShapes(view: GraphView, a: ValueId, b: ValueId): boolean {
  return view.shape(a).join() === view.shape(b).join();
}

export function requiredRoots(view: GraphView, uses: readonly number[]): { -readonly [K in keyof Roots]: Roots[K] } & { roots: Set<ValueId> } {
  const combined = combinedProducts(view, uses);
  const parts = new Set([...combined.values()].flat().map(({ matmul }) => matmul));
  const roots = new Set<ValueId>();
  const assembled = new Set<ValueId>();
  const columns = new Map<ValueId, ColumnPlace>();
  const operands = new Map<AnyNode, readonly [OperandChoice, OperandChoice]>();
  const inMemory = (id: ValueId) => view.node(id) === null || roots.has(id);
  for (const node of view.graph.nodes) {
    const output = node.outputs[0]!;
    if ((traitsOf(node).alone && !parts.has(output)) || combined.has(output)) for (const id of node.outputs) roots.add(id);
    if (isCastOfState(view, node, uses)) roots.add(output);
    if (!isConcat(node)) continue;
    if (isSideBySide(view, node, uses, combined)) {
      roots.add(output);
      placeColumns(view, node, columns);
    } else if (isAssembled(view, node)) {
      roots.add(output);
      assembled.add(output);
    }
  }
  const sideBySide = new Set([...columns.values()].map(({ into }) => into));
  const require = (id: ValueId) => {
    const base = view.unshaped(id);
    if (!stridedContiguous(view, base, inMemory)) roots.add(base);
  };
  const requireAligned = (id: ValueId, alignment: number) => {
    const found = locate(view, id, inMemory);
    if (!found || (found.offset * byteSize(view.graph.values[id]!.type.dtype)) % alignment !== 0) roots.add(view.unshaped(id));
  };
  for (const node of view.graph.nodes) {
    if (isProduct(node)) {
      const choices = node.inputs.map((id) => chooseOperand(view, id, inMemory, roots));
      operands.set(node, choices as unknown as readonly [OperandChoice, OperandChoice]);
    }
    if (isScatter(node)) node.inputs.forEach(require);
    const alignment = alignmentOf(node);
    if (alignment !== null) node.inputs.forEach((id) => requireAligned(id, alignment));
    if (isConcat(node) && assembled.has(node.outputs[0]!))
      node.inputs.forEach((id) => (isSlice(view.node(view.unshaped(id))) ? roots.add(view.unshaped(id)) : require(id)));
  }
  for (const { value } of [...view.graph.outputs, ...view.graph.updates]) if (view.node(value)) require(value);
  return { roots, inMemory, operands, combined, assembled, columns, sideBySide };
}

function stridedContiguous(view: GraphView, id: ValueId, inMemory: (id: ValueId) => boolean): boolean {
  return locate(view, id, inMemory) !== null;
}

/** Where a value lies as a dense row-major block of one in memory; null when it does not. */
export function locate(view: GraphView, id: ValueId, inMemory: (id: ValueId) => boolean): { readonly base: ValueId; readonly offset: number } | null {
  const found = stridedView(view.graph, id, inMemory);
  if (!found) return null;
  let expected = 1;
  for (let axis = found.shape.length - 1; axis >= 0; axis--) {
    if (found.shape[axis] !== 1 && found.steps[axis] !== expected) return null;
    expected *= found.shape[axis]!;
  }
  return { base: found.base, offset: found.offset };
}

/** Rows written one after another into a whole, where the pieces are many or come from kernels of their own. */
function isAssembled(view: GraphView, node: Node<'concat'>): boolean {
  const outer = view.shape(node.outputs[0]!).slice(0, node.params.axis);
  if (outer.some((size) => size !== 1)) return false;
  return node.inputs.length > MANY_PIECES || node.inputs.map((id) => view.node(view.unshaped(id))).some((piece) => piece && traitsOf(piece).alone);
}

/** A state in another dtype, which many read in pieces. */
function isCastOfState(view: GraphView, node: AnyNode, uses: readonly number[]): boolean {
  return isCast(node) && view.stateName(node.inputs[0]!) !== null && uses[node.outputs[0]!]! > 1;
}

/** Matrices beside each other, each written by one product that nothing else reads. */
function isSideBySide(view: GraphView, node: Node<'concat'>, uses: readonly number[], combined: ReadonlyMap<ValueId, readonly Part[]>): boolean {
  if (node.params.axis !== 1 || view.shape(node.outputs[0]!).length !== 2 || new Set(node.inputs).size < node.inputs.length) return false;
  return node.inputs.every((id) => {
    const parts = combined.get(id) ?? [{ matmul: id, alpha: 1 }];
    const product = view.node(parts[0]!.matmul);
    return uses[id] === 1 && parts.length === 1 && isProduct(product) && product.inputs.every((input) => view.count(input) > 0);
  });
}

function placeColumns(view: GraphView, node: Node<'concat'>, columns: Map<ValueId, ColumnPlace>): void {
  const into = node.outputs[0]!;
  const leading = view.shape(into)[1]!;
  let offset = 0;
  for (const id of node.inputs) {
    columns.set(id, { into, offset, leading });
    offset += view.shape(id)[1]!;
  }
}

/** How a product reads an operand; what has to be written for it joins `roots`. */
function chooseOperand(view: GraphView, id: ValueId, inMemory: (id: ValueId) => boolean, roots: Set<ValueId>): OperandChoice {
  const factor = scaled(view.graph, id);
  const through = factor && operandView(view.graph, factor.value, inMemory);
  if (factor && through) return { view: through, scale: factor.scale };
  const direct = operandView(view.graph, id, inMemory);
  if (direct) return { view: direct, scale: 1 };
  const base = view.unshaped(id);
  const plain = untransposed(view, base);
  roots.add(operandView(view.graph, id, (other) => inMemory(other) || other === plain) ? plain : base);
  return { view: operandView(view.graph, id, inMemory)!, scale: 1 };
}

/** A computed value is written as its reader wants it, except that rows and columns are swapped by the product, not by the writer. */
function untransposed(view: GraphView, id: ValueId): ValueId {
  const node = view.node(id);
  if (!isTranspose(node)) return id;
  const last = node.params.perm.length - 1;
  const plainSwap = node.params.perm.every((axis, i) => axis === (i === last ? last - 1 : i === last - 1 ? last : i));
  return plainSwap ? view.unshaped(node.inputs[0]!) : id;
}

/**
 * Values that several kernels would compute again at a price: functions and sums of full tensors, read far apart.
 * Walks readers before what they read, so that a value above a written one counts that one as its single reader.
 */
export function repeatedValues(view: GraphView, inMemory: (id: ValueId) => boolean, readers: ReadonlySet<ValueId>): readonly ValueId[] {
  const sinks = new Map<ValueId, Set<ValueId>>();
  const found: ValueId[] = [];
  const written = new Set<ValueId>();
  for (const node of view.graph.nodes.toReversed()) {
    const id = node.outputs[0]!;
    const own = sinks.get(id) ?? new Set<ValueId>();
    // A reduction is computed with its readers or written as one element a row: what it reads is needed there only.
    const isSink = inMemory(id) || readers.has(id) || isReduce(node);
    if (!inMemory(id) && !readers.has(id) && own.size > 1 && costly(view, node, inMemory) && spread(view, id, own)) {
      found.push(view.unshaped(id));
      written.add(id);
    }
    const passed = isSink || written.has(id) ? [id] : [...own].slice(0, 8);
    for (const input of node.inputs) {
      const set = sinks.get(input) ?? new Set<ValueId>();
      for (const sink of passed) set.add(sink);
      sinks.set(input, set);
    }
    sinks.delete(id);
  }
  return found;
}

function spread(view: GraphView, id: ValueId, sinks: ReadonlySet<ValueId>): boolean {
  const orders = [...sinks].map((sink) => view.order(sink));
  const isReduction = (value: ValueId) => {
    const node = view.node(value);
    return node !== null && isReduce(node);
  };
  const sameSpace = isReduction(id) || [...sinks].every((sink) => view.count(sink) === view.count(id) || isReduction(sink));
  return !sameSpace || Math.max(...orders) - Math.min(...orders) > NEAR;
}

function costly(view: GraphView, node: AnyNode, inMemory: (id: ValueId) => boolean): boolean {
  const { again } = traitsOf(node);
  if (again === 'dear') return true;
  const count = view.count(node.outputs[0]!);
  const fromMemory = (id: ValueId): boolean => {
    const producer = view.node(id);
    return inMemory(id) || !producer || (!isIota(producer) && !isConstant(producer) && producer.inputs.some(fromMemory));
  };
  return again === 'joins' && new Set(node.inputs.filter((id) => view.count(id) === count && fromMemory(id))).size > 1;
}
