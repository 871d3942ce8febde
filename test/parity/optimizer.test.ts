/** @file AdamW and clipping against torch (fixtures/optimizer), on the reference backend with its states kept between steps. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { HostTensor } from '../../src/main/engine/backends/backend.ts';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import type { Value } from '../../src/main/engine/ir/graph.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import { scheduleFactor, warmupSteps } from '../../src/main/engine/train/schedule.ts';
import { parseRecipe } from '../../src/shared/domain/recipe/parse.ts';
import { parityFixture } from '../support/fixture.ts';

interface AdamwRun {
  readonly weight_decay: number;
  readonly adam_beta1: number;
  readonly adam_beta2: number;
  readonly adam_epsilon: number;
  readonly initial: readonly number[];
  readonly steps: readonly {
    readonly learning_rate: number;
    readonly gradient: readonly number[];
    readonly parameter: readonly number[];
    readonly exp_avg: readonly number[];
    readonly exp_avg_sq: readonly number[];
  }[];
}

interface Clipping {
  readonly max_grad_norm: number;
  readonly norm: number;
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
}

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(parityFixture('optimizer', name), 'utf8')) as T;
}

function f32(values: readonly number[], shape: readonly number[] = [values.length]): HostTensor {
  return { dtype: 'f32', shape, data: Float32Array.from(values) };
}

/**
 * torch rounds to f32 after each of some ten operations a step; 2^-24 is half a unit in the last place.
 * @param scale size of what was rounded, where cancelling terms leave something smaller
 */
function expectClose(got: HostTensor, want: readonly number[], roundings: number, scale: readonly number[] = want): void {
  want.forEach((value, i) => expect(Math.abs(got.data[i]! - value), `element ${i}`).toBeLessThanOrEqual(roundings * 2 ** -24 * Math.abs(scale[i]!)));
}

test.each(fixture<AdamwRun[]>('adamw.json').map((run) => [`decay ${run.weight_decay}, beta2 ${run.adam_beta2}`, run] as const))('adamw, %s', async (_, run) => {
  const count = run.initial.length;
  const vector = { dtype: 'f32', shape: [count] } as const;
  const b = new GraphBuilder('update');
  const [p, m, v] = ['p', 'm', 'v'].map((name) => b.state(name, vector)) as [Value, Value, Value];
  const scalars = ['rate', 'correction1', 'correction2'].map((name) => b.input(name, { dtype: 'f32', shape: [] }));
  const params = { beta1: run.adam_beta1, beta2: run.adam_beta2, epsilon: run.adam_epsilon, weightDecay: run.weight_decay };
  const next = b.append('adamw', [p, b.input('g', vector), m, v, b.constant(1, 'f32'), ...scalars], params);
  [p, m, v].forEach((state, i) => b.update(state, next[i]!));
  const session = await referenceBackend.open();
  await session.addStates(
    ['p', 'm', 'v'].map((name) => ({ name, type: vector, role: 'variable', source: name === 'p' ? { kind: 'values', tensor: f32(run.initial) } : { kind: 'zeros' } }) as const),
  );
  const program = await session.compile(b.finish());
  for (const [index, step] of run.steps.entries()) {
    await program.run({
      g: f32(step.gradient),
      rate: f32([step.learning_rate], []),
      correction1: f32([1 - run.adam_beta1 ** (index + 1)], []),
      correction2: f32([1 - run.adam_beta2 ** (index + 1)], []),
    });
    const largest = step.gradient.map((_, i) => Math.max(...run.steps.slice(0, index + 1).map(({ gradient }) => Math.abs(gradient[i]!))));
    expectClose(await session.readState('p'), step.parameter, 8 * (index + 1));
    expectClose(await session.readState('m'), step.exp_avg, 8 * (index + 1), largest);
    expectClose(await session.readState('v'), step.exp_avg_sq, 8 * (index + 1));
  }
});

test.each(fixture<Clipping[]>('clipping.json').map((run) => [`norm ${run.norm} to ${run.max_grad_norm}`, run] as const))('clip, %s', async (_, run) => {
  const b = new GraphBuilder('clip');
  const gradients = b.input('gradients', { dtype: 'f32', shape: [4096] });
  const { norm, factor } = b.globalNormClip(gradients, run.max_grad_norm);
  b.output('norm', norm);
  b.output('clipped', b.mul(gradients, factor));
  const flat = run.before.flat();
  const program = await (await referenceBackend.open()).compile(b.finish());
  const outputs = await program.run({ gradients: f32([...flat, ...Array.from({ length: 4096 - flat.length }, () => 0)]) });
  expectClose(outputs.norm!, [run.norm], 8);
  expectClose(outputs.clipped!, run.after.flat(), 16);
});

interface Schedule {
  readonly lr_scheduler_type: string;
  readonly learning_rate: number;
  readonly max_steps: number;
  readonly warmup_steps: number;
  readonly warmup_steps_resolved: number;
  readonly rates: readonly number[];
}

const OURS = new Set(['linear', 'cosine', 'constant', 'constant_with_warmup']);

test.each(fixture<readonly Schedule[]>('schedules.json').filter(({ lr_scheduler_type: name }) => OURS.has(name)))('$lr_scheduler_type with warmup_steps $warmup_steps over $max_steps steps has the rates of transformers', (golden) => {
  // `constant` with a warm-up is a contradiction that only our recipe refuses.
  const warmup = golden.lr_scheduler_type === 'constant' ? 0 : golden.warmup_steps;
  const { recipe } = parseRecipe({ model: 'm', dataset: { file: 'd' }, lr_scheduler_type: golden.lr_scheduler_type, warmup_steps: warmup });
  const steps = warmupSteps(recipe.warmup_steps, golden.max_steps);
  if (golden.lr_scheduler_type !== 'constant') expect(steps).toBe(golden.warmup_steps_resolved);
  golden.rates.forEach((rate, k) => expect(golden.learning_rate * scheduleFactor(recipe.lr_scheduler_type, k, steps, golden.max_steps)).toBeCloseTo(rate, 12));
});
