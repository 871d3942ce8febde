/** @file Layout ops as strides over memory, so that a product reads its operands where they lie. */
import type { AnyNode, Graph, ValueId } from '../../../ir/graph.ts';
import { strides, type Shape } from '../../../ir/shape.ts';
import { isBroadcast, isReshape, isSlice, isTranspose, traitsOf } from '../op-traits.ts';

/** Element `index` of the viewed value is element offset + sum of index * steps of `base`. */
export interface StridedView {
  readonly base: ValueId;
  readonly offset: number;
  readonly shape: Shape;
  readonly steps: readonly number[];
}

/** The view of `id` over the first value on its way back that `inMemory` accepts; null where an op on the way moves data. */
export function stridedView(graph: Graph, id: ValueId, inMemory: (id: ValueId) => boolean): StridedView | null {
  const { type, origin } = graph.values[id]!;
  if (inMemory(id)) return { base: id, offset: 0, shape: type.shape, steps: strides(type.shape) };
  if (origin.kind !== 'node') return null;
  const node = graph.nodes[origin.node]!;
  if (!traitsOf(node).view) return null;
  const inner = stridedView(graph, node.inputs[0]!, inMemory);
  return inner && through(node, inner);
}

function through(node: AnyNode, view: StridedView): StridedView | null {
  if (isReshape(node)) return reshaped(view, node.params.shape);
  if (isTranspose(node))
    return { ...view, shape: node.params.perm.map((axis) => view.shape[axis]!), steps: node.params.perm.map((axis) => view.steps[axis]!) };
  if (isSlice(node))
    return {
      ...view,
      shape: node.params.sizes,
      offset: view.offset + node.params.starts.reduce((sum, start, axis) => sum + start * view.steps[axis]!, 0),
    };
  return isBroadcast(node) ? stretched(view, node.params.shape) : null;
}

function stretched(view: StridedView, shape: Shape): StridedView {
  const lead = shape.length - view.shape.length;
  const steps = shape.map((size, axis) => (axis < lead || (view.shape[axis - lead] === 1 && size !== 1) ? 0 : view.steps[axis - lead]!));
  return { ...view, shape, steps };
}

/** Joins axes that one step runs through, then splits what was joined. */
function reshaped(view: StridedView, shape: Shape): StridedView | null {
  if (shape.includes(0)) return { ...view, shape, steps: strides(shape) };
  const runs = joinedAxes(view);
  const steps = Array.from<number>({ length: shape.length }).fill(0);
  let { size, step } = runs.pop() ?? { size: 1, step: 1 };
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const wanted = shape[axis]!;
    if (wanted === 1) continue;
    if (size === 1) ({ size, step } = runs.pop()!);
    if (size % wanted !== 0) return null;
    steps[axis] = step;
    step *= wanted;
    size /= wanted;
  }
  return { ...view, shape, steps };
}

/** Outermost first. */
function joinedAxes(view: StridedView): { size: number; step: number }[] {
  const runs: { size: number; step: number }[] = [];
  view.shape.forEach((size, axis) => {
    if (size === 1) return;
    const step = view.steps[axis]!;
    const last = runs.at(-1);
    if (last && last.step === size * step) runs[runs.length - 1] = { size: last.size * size, step };
    else runs.push({ size, step });
  });
  return runs;
}
