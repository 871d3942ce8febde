/** @file Reverse-mode differentiation as a continuation of the graph. Knows no op: rules come from `ops/catalog`. */
import { GraphError } from '../ir/builder.ts';
import { isFloat } from '../ir/dtype.ts';
import type { AnyNode, Value, ValueId } from '../ir/graph.ts';
import type { Op } from '../ir/op-types.ts';
import { backwardOf } from '../ir/scope.ts';
import { catalog, NOT_DIFFERENTIABLE, type GradientRule, type GraphBuilder } from '../ops/catalog.ts';

/**
 * Appends the backward pass of `loss` to the builder that holds its forward pass; only nodes between `wrt` and the loss are
 * visited, and several uses of a value add up.
 * @param loss a float scalar
 * @returns d loss / d each of `wrt`, in its shape and dtype; null where the loss does not depend on it
 * @throws GraphError where the only way to the loss leads through an op without a gradient
 */
export function gradients(b: GraphBuilder, loss: Value, wrt: readonly Value[]): (Value | null)[] {
  if (loss.type.shape.length > 0 || !isFloat(loss.type.dtype)) throw new GraphError('gradients', 'the loss must be a float scalar');
  const nodes = [...b.nodes];
  const dependent = dependents(b, nodes, wrt);
  const known = new Map<ValueId, Value>([[loss.id, b.constant(1, loss.type.dtype)]]);
  for (const node of nodes.toReversed()) {
    const reached = node.outputs.some((id) => known.has(id));
    if (!reached || !node.inputs.some((id) => dependent.has(id))) continue;
    b.within(backwardOf(node.scope), () => {
      const found = throughNode(b, node, known, dependent);
      node.inputs.forEach((id, index) => {
        const gradient = found[index];
        if (!gradient || !dependent.has(id)) return;
        const other = known.get(id);
        known.set(id, other ? b.add(other, gradient) : gradient);
      });
    });
  }
  return wrt.map(({ id }) => known.get(id) ?? null);
}

/** Float values that change with any of `wrt`. */
function dependents(b: GraphBuilder, nodes: readonly AnyNode[], wrt: readonly Value[]): ReadonlySet<ValueId> {
  const dependent = new Set(wrt.map(({ id }) => id));
  for (const { inputs, outputs } of nodes) {
    if (!inputs.some((id) => dependent.has(id))) continue;
    for (const id of outputs) if (isFloat(b.values[id]!.type.dtype)) dependent.add(id);
  }
  return dependent;
}

function throughNode(b: GraphBuilder, node: AnyNode, known: ReadonlyMap<ValueId, Value>, dependent: ReadonlySet<ValueId>): readonly (Value | null)[] {
  const rule = catalog.gradient[node.op];
  if (rule === NOT_DIFFERENTIABLE) throw new GraphError('gradients', `${node.op} has no gradient, yet the loss is reached through it`);
  const at = (id: ValueId): Value => b.values[id]!;
  return (rule as GradientRule<Op>)({
    b,
    inputs: node.inputs.map(at),
    outputs: node.outputs.map(at),
    params: node.params as never,
    gradients: node.outputs.map((id) => known.get(id) ?? null),
    needs: (input) => dependent.has(node.inputs[input]!),
  });
}
