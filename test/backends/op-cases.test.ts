import { describe, expect, test } from 'vitest';
import { removeDeadCode } from '../../src/main/engine/ir/passes/dead-code.ts';
import { shareCommonSubexpressions } from '../../src/main/engine/ir/passes/common-subexpressions.ts';
import { verifyGraph } from '../../src/main/engine/ir/verify.ts';
import { CORE_OPS } from '../../src/main/engine/ops/evaluations.ts';
import { expandFused } from '../../src/main/engine/ops/expand.ts';
import { FUSED_OPS, isFusedOp } from '../../src/main/engine/ops/fused/decompositions.ts';
import { gradientRules } from '../../src/main/engine/ops/gradients.ts';
import { NOT_DIFFERENTIABLE } from '../../src/main/engine/ops/gradient-rule.ts';
import { shapeRules } from '../../src/main/engine/ops/shape-rules.ts';
import { gradientCases, opCases } from './cases.ts';
import { evaluator, tensorsOf } from './evaluate-case.ts';
import { caseGraph } from './op-case.ts';

const all = [...opCases, ...gradientCases];

test('every op has a case, every differentiable op a gradient case, names are unique', () => {
  const ops = [...CORE_OPS, ...FUSED_OPS].toSorted();
  expect([...new Set(opCases.map(({ op }) => op))].toSorted()).toEqual(ops);
  // Rounding is no smooth function: the gradient of cast is seen in the mixed-precision ops.
  const differentiable = ops.filter((op) => gradientRules[op] !== NOT_DIFFERENTIABLE && op !== 'cast');
  expect([...new Set(gradientCases.map(({ op }) => op))].toSorted()).toEqual(differentiable);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

describe('each case passes the verifier after every pass, and passes change no bit', () => {
  test.each(all.map((opCase) => [opCase.name, opCase] as const))('%s', (_, opCase) => {
    const graph = caseGraph(opCase);
    verifyGraph(graph, shapeRules);
    const expanded = expandFused(graph);
    verifyGraph(expanded, shapeRules);
    expect(expanded.nodes.some(({ op }) => isFusedOp(op))).toBe(false);
    const live = removeDeadCode(expanded);
    verifyGraph(live, shapeRules);
    const shared = shareCommonSubexpressions(live);
    verifyGraph(shared, shapeRules);
    const inputs = tensorsOf(graph, opCase.feeds(3));
    const want = evaluator(graph)(inputs);
    expect(evaluator(shared)(inputs)).toEqual(want);
    for (const [name, { data }] of want) expect(data.every(Number.isFinite) || opCase.op === 'cast', name).toBe(true);
  });
});
