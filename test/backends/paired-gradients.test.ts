/** @file Backward partners and hand-derived gradients against the plain differentiation of the decomposition. */
import { describe, expect, test } from 'vitest';
import { gradients } from '../../src/main/engine/autodiff/reverse.ts';
import { expandFused } from '../../src/main/engine/ops/expand.ts';
import type { AnyNode, Graph, Value, ValueId } from '../../src/main/engine/ir/graph.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import { isFusedOp } from '../../src/main/engine/ops/fused/decompositions.ts';
import { opCases } from './cases.ts';
import { evaluator, tensorsOf } from './evaluate-case.ts';
import { caseGraph, inputNamed, withGradients, type OpCase } from './op-case.ts';

/** The case with its forward pass in core ops before it is differentiated. */
function differentiatedDecomposition(opCase: OpCase): OpCase {
  return withGradients({
    ...opCase,
    build: (b) => {
      const expanded = expandFused(caseGraph(opCase));
      return copied(b, expanded);
    },
  });
}

function copied(b: GraphBuilder, graph: Graph): Readonly<Record<string, Value>> {
  const moved = new Map<ValueId, Value>(graph.inputs.map(({ name, value }) => [value, b.input(name, graph.values[value]!.type)]));
  for (const node of graph.nodes as readonly AnyNode[]) {
    const results = b.append(
      node.op,
      node.inputs.map((id) => moved.get(id)!),
      node.params as never,
    );
    node.outputs.forEach((id, index) => moved.set(id, results[index]!));
  }
  return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, moved.get(value)!]));
}

const paired = opCases.filter(({ op, wrt }) => isFusedOp(op) && wrt.length > 0);

describe('paired gradients agree with the differentiated decomposition', () => {
  test.each(paired.map((opCase) => [opCase.name, opCase] as const))('%s', (_, opCase) => {
    const byPair = caseGraph(withGradients(opCase));
    const byAutodiff = caseGraph(differentiatedDecomposition(opCase));
    const inputs = tensorsOf(byPair, withGradients(opCase).feeds(7));
    const [got, want] = [evaluator(byPair)(inputs), evaluator(byAutodiff)(inputs)];
    for (const name of opCase.wrt) {
      got.get(`d.${name}`)!.data.forEach((value, i) => expect(value, `d.${name}[${i}]`).toBeCloseTo(want.get(`d.${name}`)!.data[i]!, 10));
    }
  });
});

describe('reverse', () => {
  const scalar = { dtype: 'f32', shape: [] } as const;

  test('adds up several uses and gives null where the loss does not depend', () => {
    const b = new GraphBuilder('reverse');
    const [x, y, z] = ['x', 'y', 'z'].map((name) => b.input(name, scalar)) as [Value, Value, Value];
    const product = b.mul(x, y);
    const [dX, dProduct, dZ] = gradients(b, b.add(b.mul(product, product), x), [x, product, z]);
    expect(dZ).toBeNull();
    b.output('dX', dX!);
    b.output('dProduct', dProduct!);
    const value = (data: number) => ({ ...scalar, data: Float64Array.of(data) });
    const found = evaluator(b.finish())(
      new Map([
        ['x', value(3)],
        ['y', value(5)],
        ['z', value(1)],
      ]),
    );
    expect(found.get('dX')!.data[0]).toBe(2 * 15 * 5 + 1);
    expect(found.get('dProduct')!.data[0]).toBe(2 * 15);
  });

  test('appends nothing for parts of the graph that no wanted value reaches', () => {
    const b = new GraphBuilder('frozen');
    const [x, frozen] = [b.input('x', { dtype: 'f32', shape: [3, 7] }), b.input('frozen', { dtype: 'f32', shape: [5, 7] })];
    const [loss, before] = [b.sum(b.linear(x, frozen).y, [0, 1]), b.nodes.length];
    gradients(b, loss, [x]);
    expect(b.nodes.slice(before).filter(({ op }) => op === 'matmul')).toHaveLength(1);
  });

  test('refuses a loss that is no scalar, and a path through an op without gradient', () => {
    const b = new GraphBuilder('refused');
    const x = b.input('x', { dtype: 'f32', shape: [4096] });
    expect(() => gradients(b, x, [x])).toThrow('float scalar');
    expect(() => gradients(b, b.globalNormClip(x, 1).norm, [x])).toThrow('globalNormClip has no gradient');
    const small = b.input('small', { dtype: 'f32', shape: [1, 1, 1, 2] });
    const { lse } = b.attention(small, small, small, 1);
    expect(() => gradients(b, b.sum(lse, [0, 1, 2]), [small])).toThrow('through lse');
    expect(inputNamed(b, 'small')).toBe(small);
  });
});
