/** @file What running a program takes on the CPU beside its states: the values alive at once, and what our lowerings add to them. */
import type { AnyNode, Graph, ValueId } from '../../ir/graph.ts';
import { livePeak, type NodeMemory } from '../../ir/live-memory.ts';
import type { OpParams } from '../../ir/op-types.ts';
import { elementCount } from '../../ir/shape.ts';
import { KEPT_BYTES } from './lower/attention.ts';
import { prepareGraph } from './prepare-graph.ts';

/** Blocks of many sizes come and go in malloc's heap, and not every gap finds a block of its size: measured, `npm run bench -- memory`. */
const GAPS = 1.08;

export interface ProgramMemory {
  /** The most held at once while it runs. */
  readonly workspace: number;
  /** ONNX Runtime's own notes of the program: nodes, kernels, names; bytes a node, measured. */
  readonly program: number;
}

/** Memory for a node of the prepared graph: about one and a half ONNX nodes with their kernels, and what writing the model leaves in the heap. */
const NODE_BYTES = 16_000;

export function programMemory(graph: Graph): ProgramMemory {
  const prepared = prepareGraph(graph);
  const keepers = new Set(prepared.nodes.flatMap(({ op, inputs }) => (op === 'attentionBackward' ? [keyOf(inputs)] : [])));
  return {
    workspace: Math.round(livePeak(prepared, (node) => nodeMemory(prepared, node, keepers)) * GAPS),
    program: prepared.nodes.length * NODE_BYTES,
  };
}

/** What attention and its backward pass know each other by: the same q and k. */
function keyOf([q, k]: readonly ValueId[]): string {
  return `${q} ${k}`;
}

/** @param keepers attention that has a backward pass; where that is computed again, the first one's probabilities are not kept */
function nodeMemory(graph: Graph, node: AnyNode, keepers: ReadonlySet<string>): NodeMemory {
  const shape = (input: number) => graph.values[node.inputs[input]!]!.type.shape;
  switch (node.op) {
    case 'attention':
    case 'attentionBackward': {
      const [batch, queries, heads] = shape(0) as [number, number, number];
      const probabilities = 4 * elementCount([batch, queries, heads, shape(1)[1]!]);
      // Probabilities that wait for the backward pass. Larger ones do not wait; counted as if the largest that do did, a longer row never seems to need less.
      const kept = Math.min(probabilities, KEPT_BYTES);
      if (node.op === 'attention') return { during: 2 * probabilities, kept: keepers.has(keyOf(node.inputs)) ? kept : 0 };
      return { during: 3 * probabilities, kept: -kept };
    }
    case 'linearCrossEntropy': {
      const { chunkRows } = node.params as OpParams['linearCrossEntropy'];
      const rows = Math.min(shape(0)[0]!, chunkRows);
      // Logits and probabilities of one chunk.
      return { during: 2 * 4 * rows * shape(1)[0]!, kept: 0 };
    }
    default:
      return { during: 0, kept: 0 };
  }
}
