/** @file Cases on the reference evaluation in full float64, beneath the backend interface that would round to f32. */
import type { Feeds } from '../../src/main/engine/backends/backend.ts';
import { fromHost } from '../../src/main/engine/backends/reference/host-tensors.ts';
import { runGraph } from '../../src/main/engine/backends/reference/run-graph.ts';
import type { Graph } from '../../src/main/engine/ir/graph.ts';
import { removeDeadCode } from '../../src/main/engine/ir/passes/dead-code.ts';
import type { Tensor } from '../../src/main/engine/ops/core/tensor.ts';
import { expandFused } from '../../src/main/engine/ops/expand.ts';

export type Tensors = ReadonlyMap<string, Tensor>;

/** The feeds as float64 tensors, typed by the graph's inputs. */
export function tensorsOf(graph: Graph, feeds: Feeds): Tensors {
  return new Map(graph.inputs.map(({ name, value }) => [name, fromHost(name, feeds[name]!, graph.values[value]!.type)]));
}

/** @returns a function from inputs to outputs, for many evaluations of one graph */
export function evaluator(graph: Graph): (inputs: Tensors) => Tensors {
  const expanded = removeDeadCode(expandFused(graph));
  return (inputs) =>
    runGraph(expanded, ({ origin }) => {
      if (origin.kind !== 'input') throw new Error('op cases have inputs only');
      return inputs.get(origin.name)!;
    }).outputs;
}
