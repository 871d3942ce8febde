/** @file A matmul as GEMM calls: operands as strided matrices, leading axes as at most two batch dimensions, scales as alpha. */
import type { Graph, Node, ValueId } from '../../../ir/graph.ts';
import { elementCount } from '../../../ir/shape.ts';
import type { GemmLayout } from '../gemm-tiles.ts';
import { isConstant, isScaling } from '../op-traits.ts';
import { stridedView, type StridedView } from './strided-view.ts';

/** A batch of matrices in memory; offsets and steps count elements. */
export interface MatrixOperand {
  readonly base: ValueId;
  readonly offset: number;
  /** From row to row of the stored matrix. */
  readonly leading: number;
  readonly steps: readonly [outer: number, inner: number];
}

export interface Product {
  readonly output: ValueId;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly layout: GemmLayout;
  readonly a: MatrixOperand;
  readonly b: MatrixOperand;
  readonly batch: readonly [outer: number, inner: number];
  /** From batch entry to batch entry of the (dense) output. */
  readonly outputSteps: readonly [outer: number, inner: number];
  /** Elements of the output before this call's first. */
  readonly outputOffset: number;
  readonly alpha: number;
}

/** How an operand is read: over `base` through strides, with a scale taken out of it. */
export interface OperandChoice {
  readonly view: StridedView;
  readonly scale: number;
}

/** u times one number, as (u, number); else null. */
export function scaled(graph: Graph, id: ValueId): { readonly value: ValueId; readonly scale: number } | null {
  const { origin, type } = graph.values[id]!;
  if (origin.kind !== 'node') return null;
  const node = graph.nodes[origin.node]!;
  if (!isScaling(node)) return null;
  for (const [value, factor] of [node.inputs, node.inputs.toReversed()] as [ValueId, ValueId][]) {
    const from = graph.values[factor]!.origin;
    const constant = from.kind === 'node' ? graph.nodes[from.node]! : null;
    const same = elementCount(graph.values[value]!.type.shape) === elementCount(type.shape);
    if (isConstant(constant) && same && Number.isFinite(constant.params.value)) return { value, scale: constant.params.value };
  }
  return null;
}

/**
 * Whether a product can read `id` through strides over memory: one of the last two axes must have step 1.
 * @param inMemory values that lie in memory whatever the schedule decides
 */
export function operandView(graph: Graph, id: ValueId, inMemory: (id: ValueId) => boolean): StridedView | null {
  const view = stridedView(graph, id, inMemory);
  return view && matrixForm(view) ? view : null;
}

/** Rows apart by `leading` and elements by 1, or stored the other way round (`swapped`). */
function matrixForm(view: StridedView): { readonly leading: number; readonly swapped: boolean } | null {
  const [rows, columns] = view.shape.slice(-2) as [number, number];
  const [rowStep, columnStep] = view.steps.slice(-2) as [number, number];
  if ((columnStep === 1 || columns === 1) && (rowStep >= columns || rows === 1)) return { leading: Math.max(rowStep, columns), swapped: false };
  if ((rowStep === 1 || rows === 1) && (columnStep >= rows || columns === 1)) return { leading: Math.max(columnStep, rows), swapped: true };
  return null;
}

/** The GEMM calls of a matmul whose operands are given as views; one call unless its batch has more than two independent axes. */
export function productCalls(graph: Graph, node: Node<'matmul'>, a: OperandChoice, b: OperandChoice): readonly Product[] {
  const output = node.outputs[0]!;
  const { shape } = graph.values[output]!.type;
  const [formA, formB] = [matrixForm(a.view)!, matrixForm(b.view)!];
  const [m, n] = shape.slice(-2) as [number, number];
  const k = a.view.shape.at(node.params.transA ? -2 : -1)!;
  const layout = `${formA.swapped !== node.params.transA ? 't' : 'n'}${formB.swapped !== node.params.transB ? 't' : 'n'}` as GemmLayout;
  const batches = joinedBatches(shape.slice(0, -2), a.view, b.view, m * n);
  const shared = { output, n, k, layout, alpha: a.scale * b.scale };
  const inner = batches.pop() ?? { size: 1, a: 0, b: 0, c: 0 };
  // One weight for the whole batch, rows of A following on: a single tall product.
  if (batches.length === 0 && inner.b === 0 && inner.size > 1 && layout[0] === 'n' && inner.a === m * formA.leading) {
    const tall = { base: a.view.base, offset: a.view.offset, leading: formA.leading, steps: [0, 0] as const };
    const weight = { base: b.view.base, offset: b.view.offset, leading: formB.leading, steps: [0, 0] as const };
    return [{ ...shared, m: m * inner.size, a: tall, b: weight, batch: [1, 1], outputSteps: [0, 0], outputOffset: 0 }];
  }
  const outer = batches.pop() ?? { size: 1, a: 0, b: 0, c: 0 };
  return offsetsOf(batches).map((at) => ({
    ...shared,
    m,
    a: { base: a.view.base, offset: a.view.offset + at.a, leading: formA.leading, steps: [outer.a, inner.a] as const },
    b: { base: b.view.base, offset: b.view.offset + at.b, leading: formB.leading, steps: [outer.b, inner.b] as const },
    batch: [outer.size, inner.size] as const,
    outputSteps: [outer.c, inner.c] as const,
    outputOffset: at.c,
  }));
}

interface BatchAxis {
  size: number;
  a: number;
  b: number;
  c: number;
}

/** Leading axes, outermost first, with neighbours joined where one step serves both in all three matrices. */
function joinedBatches(shape: readonly number[], a: StridedView, b: StridedView, matrix: number): BatchAxis[] {
  const stepOf = (view: StridedView, axis: number) => {
    const own = axis - shape.length + view.shape.length - 2;
    return own < 0 || view.shape[own] === 1 ? 0 : view.steps[own]!;
  };
  const result: BatchAxis[] = [];
  let c = matrix;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    if (size === 1) continue;
    const next: BatchAxis = { size, a: stepOf(a, axis), b: stepOf(b, axis), c };
    c *= size;
    const last = result[0];
    const joins = last && next.a === last.a * last.size && next.b === last.b * last.size;
    if (joins) last.size *= size;
    else result.unshift(next);
  }
  return result;
}

function offsetsOf(axes: readonly BatchAxis[]): readonly { a: number; b: number; c: number }[] {
  return axes.reduce(
    (starts, axis) =>
      starts.flatMap((start) =>
        Array.from({ length: axis.size }, (_, i) => ({ a: start.a + i * axis.a, b: start.b + i * axis.b, c: start.c + i * axis.c })),
      ),
    [{ a: 0, b: 0, c: 0 }],
  );
}
