/** @file Every gradient against central differences of the forward evaluation in float64. */
import { describe, expect, test } from 'vitest';
import { opCases } from './cases.ts';
import { evaluator, tensorsOf, type Tensors } from './evaluate-case.ts';
import { appendLoss, caseGraph, float, opCase, withGradients, type OpCase } from './op-case.ts';
import type { Tensor } from '../../src/main/engine/ops/core/tensor.ts';

/** The truncation error goes with its square, the rounding error with its inverse: both stay near 1e-10. */
const STEP = 1e-5;
const TOLERANCE = 1e-6;

/** Single elements checked beside the random direction, which sees all of them at once. */
const SINGLE_ELEMENTS = 3;

/** Directions to step in: one through every element, and the first, a middle and the last axis. */
function directions(size: number): readonly Float64Array[] {
  const all = Float64Array.from({ length: size }, (_, i) => Math.sin(1 + 12.9898 * i) / Math.sqrt(size));
  const count = Math.min(SINGLE_ELEMENTS, size);
  const singles = Array.from({ length: count }, (_, k) => {
    const single = new Float64Array(size);
    single[Math.floor((k * (size - 1)) / Math.max(1, count - 1))] = 1;
    return single;
  });
  return [all, ...singles];
}

function lossOf(opCase: OpCase): (inputs: Tensors) => number {
  const run = evaluator(caseGraph({ ...opCase, build: (b) => ({ loss: appendLoss(b, opCase.build(b)) }) }));
  return (inputs) => run(inputs).get('loss')!.data[0]!;
}

function moved(inputs: Tensors, name: string, direction: Float64Array, step: number): Tensors {
  const tensor = inputs.get(name)!;
  const data = (tensor.data as Float64Array).map((x, i) => x + step * direction[i]!);
  return new Map<string, Tensor>([...inputs, [name, { ...tensor, data }]]);
}

describe('gradients agree with finite differences', () => {
  test.each(opCases.filter(({ wrt }) => wrt.length > 0).map((opCase) => [opCase.name, opCase] as const))('%s', (_, opCase) => {
    const gradientCase = withGradients(opCase);
    const graph = caseGraph(gradientCase);
    const inputs = tensorsOf(graph, gradientCase.feeds(5));
    const found = evaluator(graph)(inputs);
    const loss = lossOf(opCase);
    for (const name of opCase.wrt) {
      const gradient = found.get(`d.${name}`)!.data;
      for (const direction of directions(gradient.length)) {
        const slope = (loss(moved(inputs, name, direction, STEP)) - loss(moved(inputs, name, direction, -STEP))) / (2 * STEP);
        const predicted = direction.reduce((total, part, i) => total + part * gradient[i]!, 0);
        expect(Math.abs(predicted - slope), `d.${name}: ${predicted}, finite difference ${slope}`).toBeLessThan(
          TOLERANCE * Math.max(1, Math.abs(slope)),
        );
      }
    }
  });
});

test('cast: steps of whole bf16 units, which rounding leaves as they are', () => {
  const sixteenths = opCase({
    name: 'f32 to bf16 and back',
    op: 'cast',
    inputs: { x: float([7], 'f32', (uniform) => 1 + Math.floor(16 * uniform()) / 16) },
    outputs: (b, { x }) => ({ y: b.cast(b.cast(x, 'bf16'), 'f32') }),
    wrt: ['x'],
  });
  const gradientCase = withGradients(sixteenths);
  const graph = caseGraph(gradientCase);
  const inputs = tensorsOf(graph, gradientCase.feeds(5));
  const gradient = evaluator(graph)(inputs).get('d.x')!.data;
  const loss = lossOf(sixteenths);
  gradient.forEach((predicted, axis) => {
    const direction = new Float64Array(gradient.length).with(axis, 1);
    const slope = (loss(moved(inputs, 'x', direction, 2 ** -5)) - loss(moved(inputs, 'x', direction, -(2 ** -5)))) / 2 ** -4;
    // The gradient itself crosses the bf16 value, and is rounded there once.
    expect(Math.abs(predicted - slope)).toBeLessThanOrEqual(2 ** -8 * Math.abs(slope));
    expect(predicted).not.toBe(0);
  });
});
