import { expect, test } from 'vitest';
import { shareCommonSubexpressions } from '../../src/main/engine/ir/passes/common-subexpressions.ts';
import { removeDeadCode } from '../../src/main/engine/ir/passes/dead-code.ts';
import { printGraph } from '../../src/main/engine/ir/print.ts';
import { verifyGraph } from '../../src/main/engine/ir/verify.ts';
import type { Graph } from '../../src/main/engine/ir/graph.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import { expandFused } from '../../src/main/engine/ops/expand.ts';
import { shapeRules } from '../../src/main/engine/ops/shape-rules.ts';

function counter(): Graph {
  const b = new GraphBuilder('counter');
  const x = b.input('x', { dtype: 'f32', shape: [3] });
  const unread = b.input('unread', { dtype: 'f32', shape: [] });
  const total = b.state('total', { dtype: 'f32', shape: [3] });
  b.exp(b.exp(unread));
  const doubled = b.mul(x, 2);
  const again = b.mul(x, 2);
  b.update(total, b.add(total, doubled));
  b.output('sum', b.sum(b.add(again, doubled), [0]));
  return b.finish();
}

test('printGraph shows one line a node, its parameters and its type', () => {
  expect(printGraph(shareCommonSubexpressions(removeDeadCode(counter())))).toBe(`graph counter {
  input x = %0 : f32[3]
  input unread = %1 : f32[]
  state total = %2 : f32[3]
  %3 = constant() {dtype:f32,shape:[],value:2} : f32[]
  %4 = mul(%0, %3) : f32[3]
  %5 = add(%2, %4) : f32[3]
  %6 = add(%4, %4) : f32[3]
  %7 = sum(%6) {axes:[0],keepDims:false} : f32[]
  output sum = %7
  update total <- %5
}`);
});

test('removeDeadCode keeps what outputs and updates need, and the interface', () => {
  const graph = counter();
  const live = removeDeadCode(graph);
  verifyGraph(live, shapeRules);
  expect(live.nodes.map(({ op }) => op)).toEqual(['constant', 'mul', 'constant', 'mul', 'add', 'add', 'sum']);
  expect(live.inputs.map(({ name }) => name)).toEqual(['x', 'unread']);
  expect(graph).toEqual(counter());
});

test('shareCommonSubexpressions tells infinities, zeros of both signs and dtypes apart', () => {
  const b = new GraphBuilder('constants');
  [Infinity, -Infinity, 0, -0, Infinity].forEach((value, i) => b.output(`c${i}`, b.constant(value, 'f32')));
  b.output('half', b.constant(0, 'bf16'));
  const shared = shareCommonSubexpressions(b.finish());
  verifyGraph(shared, shapeRules);
  expect(shared.nodes).toHaveLength(5);
  expect(shared.outputs[4]!.value).toBe(shared.outputs[0]!.value);
});

test('expandFused leaves claimed ops whole and replaces all others, outputs and updates in place', () => {
  const b = new GraphBuilder('layer');
  const x = b.input('x', { dtype: 'f32', shape: [3, 7] });
  const state = b.state('hidden', { dtype: 'f32', shape: [3, 7] });
  const weight = b.state('weight', { dtype: 'f32', shape: [7] });
  const normed = b.rmsNorm(b.swiglu(x, state), weight, 1e-5);
  b.update(state, normed);
  b.output('y', normed);
  const expanded = expandFused(b.finish(), ({ op }) => op === 'rmsNorm');
  verifyGraph(expanded, shapeRules);
  expect(expanded.nodes.map(({ op }) => op)).toEqual(['sigmoid', 'mul', 'mul', 'rmsNorm']);
  expect(expanded.states.map(({ name }) => name)).toEqual(['hidden', 'weight']);
  expect(expanded.updates).toEqual([{ name: 'hidden', value: expanded.outputs[0]!.value }]);
});

test('verifyGraph names the first node that breaks the spec', () => {
  const graph = counter();
  const wrongType = {
    ...graph,
    values: graph.values.map((value) => (value.id === 6 ? { ...value, type: { dtype: 'i32', shape: [3] } as const } : value)),
  };
  expect(() => verifyGraph(wrongType, shapeRules)).toThrow('[counter]');
  const reversed = { ...graph, nodes: graph.nodes.toReversed() };
  expect(() => verifyGraph(reversed, shapeRules)).toThrow('used before it is defined');
});
