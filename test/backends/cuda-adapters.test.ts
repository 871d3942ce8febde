/** @file Layers with adapters that read one input: what the CUDA schedule joins for them, and that it computes what the layers mean. */
import { describe, expect, test } from 'vitest';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import type { GemmDevice } from '../../src/main/engine/backends/cuda/gemm-tiles.ts';
import { scheduleGraph } from '../../src/main/engine/backends/cuda/schedule/schedule.ts';
import type { Step } from '../../src/main/engine/backends/cuda/schedule/steps.ts';
import { H200, simulate } from '../support/simulated-device.ts';
import { expectAgreement } from './agreement.ts';
import { caseGraph, float, opCase, withGradients, type OpCase } from './op-case.ts';

const ROWS = 136;
const WIDTH = 72;
const OUTS = [48, 24, 32];
const RANK = 8;
const CARDS: Readonly<Record<string, GemmDevice>> = { 'without wgmma': H200, 'with wgmma': { ...H200, wgmma: true } };
/** bf16: our sums round once where the reference rounds each addend, of up to seven; `d.x` is such a sum widened. */
const SEVEN_ROUNDINGS = 7 * 2 ** -8;
/** The adapter's gradients are f32 sums over rows of factors that were rounded. */
const ROUNDED_FACTORS = 0.02;

function layers(dtype: 'bf16' | 'f32', rank: number): OpCase {
  return opCase({
    name: `${dtype} ${OUTS.length} layers of one input, rank ${rank}`,
    op: 'linear',
    inputs: {
      x: float([ROWS, WIDTH]),
      w0: float([OUTS[0]!, WIDTH], dtype),
      w1: float([OUTS[1]!, WIDTH], dtype),
      w2: float([OUTS[2]!, WIDTH], dtype),
      a0: float([rank, WIDTH]),
      a1: float([rank, WIDTH]),
      a2: float([rank, WIDTH]),
      b0: float([OUTS[0]!, rank]),
      b1: float([OUTS[1]!, rank]),
      b2: float([OUTS[2]!, rank]),
    },
    outputs: (g, { x, w0, w1, w2, a0, a1, a2, b0, b1, b2 }) => {
      const wide = g.cast(x, dtype);
      const y = (w: typeof x, a: typeof x, b: typeof x) => g.linear(wide, w, { lora: { a, b, scale: 0.5 } }).y;
      return { y0: y(w0, a0, b0), y1: y(w1, a1, b1), y2: y(w2, a2, b2) };
    },
    wrt: ['x', 'a0', 'a1', 'a2', 'b0', 'b1', 'b2'],
  });
}

async function wanted(opCase: OpCase) {
  const session = await referenceBackend.open();
  return (await session.compile(caseGraph(opCase))).run(opCase.feeds(1));
}

const narrow = (steps: readonly Step[], layout: string) =>
  steps.flatMap((step) =>
    step.kind === 'product' && step.product.layout === layout && Math.min(step.product.m, step.product.n) <= 3 * RANK ? [step.product] : [],
  );

describe.each(Object.entries(CARDS))('layers of one input, %s', (_, card) => {
  test.each(['bf16', 'f32'] as const)('%s: values and gradients are those of the reference', async (dtype) => {
    for (const opCase of [RANK, 12].flatMap((rank) => [layers(dtype, rank), withGradients(layers(dtype, rank))])) {
      const { outputs } = simulate(caseGraph(opCase), opCase.feeds(1), {}, card);
      for (const [name, tensor] of Object.entries(await wanted(opCase))) {
        expectAgreement(
          `${opCase.name}: ${name}`,
          outputs[name]!,
          tensor,
          dtype === 'f32' ? undefined : /^d\.[ab]/.test(name) ? ROUNDED_FACTORS : SEVEN_ROUNDINGS,
        );
      }
    }
  });

  test('the input is read once for all adapters, forward and backward, and each gradient once for its adapter', () => {
    const { steps } = scheduleGraph(caseGraph(withGradients(layers('bf16', RANK))), card);
    expect(narrow(steps, 'nt').map(({ n }) => n)).toEqual([OUTS.length * RANK]);
    expect(narrow(steps, 'tn').map(({ m }) => m)).toEqual([OUTS.length * RANK]);
    expect(narrow(steps, 'nn')).toEqual([]);
    const sweeps = steps.flatMap((step) =>
      step.kind === 'call' && step.computes.kind === 'sweep' ? [step.computes.sweep.plan.sizes.map(({ n }) => n)] : [],
    );
    expect(sweeps.flat().sort()).toEqual([...OUTS].sort());
  });

  test('a rank that does not come in 16 bytes goes the long way', () => {
    const { steps } = scheduleGraph(caseGraph(withGradients(layers('bf16', 12))), card);
    expect(steps.some(({ kind }) => kind === 'call')).toBe(false);
  });
});

test('with wgmma the layers are one launch, and so is the sum of their gradients', () => {
  const joined = (opCase: OpCase) =>
    scheduleGraph(caseGraph(opCase), CARDS['with wgmma']!).steps.flatMap((step) =>
      step.kind === 'product' && step.problem.more ? [`${step.problem.more.along} ${step.more.length + 1}, then ${step.second?.k}`] : [],
    );
  expect(joined(layers('bf16', RANK))).toEqual([`n ${OUTS.length}, then ${RANK}`]);
  expect(joined(withGradients(layers('bf16', RANK)))).toEqual([`k ${OUTS.length}, then ${OUTS.length * RANK}`]);
});
