/** @file AdamW, SGD, Adafactor and clipping against torch and transformers (fixtures/optimizer), on the reference backend with its states kept between steps. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { HostTensor } from '../../src/main/engine/backends/backend.ts';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import type { Value } from '../../src/main/engine/ir/graph.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import { flatLayout } from '../../src/main/engine/train/flat-layout.ts';
import { slotsOf } from '../../src/main/engine/train/optim/optimizer.ts';
import { optimizerOf } from '../../src/main/engine/train/optim/optimizers.ts';
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

/** What transformers makes of `optim` and `optim_args`. */
interface OtherRun {
  readonly optim: 'sgd' | 'adafactor';
  readonly optim_args: string | null;
  readonly weight_decay: number;
  readonly shapes: readonly (readonly number[])[];
  readonly initial: readonly (readonly number[])[];
  readonly steps: readonly {
    readonly learning_rate: number;
    readonly gradients: readonly (readonly number[])[];
    readonly parameters: readonly (readonly number[])[];
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

test.each(fixture<AdamwRun[]>('adamw.json').map((run) => [`decay ${run.weight_decay}, beta2 ${run.adam_beta2}`, run] as const))(
  'adamw, %s',
  async (_, run) => {
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
      ['p', 'm', 'v'].map(
        (name) =>
          ({
            name,
            type: vector,
            role: 'variable',
            source: name === 'p' ? { kind: 'values', tensor: f32(run.initial) } : { kind: 'zeros' },
          }) as const,
      ),
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
  },
);

test.each(fixture<OtherRun[]>('others.json').map((run) => [run.optim, run.optim_args, run.weight_decay, run] as const))(
  '%s %s, decay %d',
  async (optim, optimArgs, decay, run) => {
    const { recipe } = parseRecipe({ model: 'm', dataset: { file: 'd' }, optim, optim_args: optimArgs, weight_decay: decay });
    const optimizer = optimizerOf(recipe);
    const layout = flatLayout(run.shapes.map((shape, i) => [`t${i}`, shape] as const));
    const flat = (parts: readonly (readonly number[])[]) =>
      f32([...parts.flat(), ...Array.from({ length: layout.size - parts.flat().length }, () => 0)]);
    const b = new GraphBuilder('update');
    const vector = (name: string, size: number) => b.state(name, { dtype: 'f32', shape: [size] });
    const p = vector('p', layout.size);
    const slots = Object.fromEntries(slotsOf(optimizer, layout).map(({ name, size }) => [name, vector(name, size)]));
    const scalars = Object.fromEntries(Object.keys(optimizer.scalars(1, 0)).map((name) => [name, b.input(name, { dtype: 'f32', shape: [] })]));
    // Twice the gradient and a factor of a half: the factor must be used once.
    const g = b.mul(b.input('g', { dtype: 'f32', shape: [layout.size] }), 2);
    const next = optimizer.update(b, {
      p,
      g,
      factor: b.constant(0.5, 'f32'),
      slots,
      scalars,
      stretches: [{ offset: 0, size: layout.size, decayed: true, entries: layout.entries }],
    });
    b.update(p, next.p);
    for (const [name, slot] of Object.entries(slots)) b.update(slot, next.slots[name]!);
    const session = await referenceBackend.open();
    const state = (name: string, size: number) => ({ name, type: { dtype: 'f32', shape: [size] }, role: 'variable' }) as const;
    await session.addStates([
      { ...state('p', layout.size), source: { kind: 'values', tensor: flat(run.initial) } },
      ...slotsOf(optimizer, layout).map(({ name, size }) => ({ ...state(name, size), source: { kind: 'zeros' } }) as const),
    ]);
    const program = await session.compile(b.finish());
    for (const [index, step] of run.steps.entries()) {
      const numbers = Object.entries(optimizer.scalars(index + 1, step.learning_rate)).map(([name, value]) => [name, f32([value], [])] as const);
      await program.run({ g: flat(step.gradients), ...Object.fromEntries(numbers) });
      const want = step.parameters.flat();
      expectClose(
        await session.readState('p'),
        want,
        16 * (index + 1),
        want.map((value, i) => Math.max(Math.abs(value), Math.abs(run.initial.flat()[i]!))),
      );
    }
  },
);

test.each(fixture<Clipping[]>('clipping.json').map((run) => [`norm ${run.norm} to ${run.max_grad_norm}`, run] as const))(
  'clip, %s',
  async (_, run) => {
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
  },
);

interface Schedule {
  readonly lr_scheduler_type: string;
  readonly learning_rate: number;
  readonly max_steps: number;
  readonly warmup_steps: number;
  readonly warmup_steps_resolved: number;
  readonly rates: readonly number[];
}

const OURS = new Set(['linear', 'cosine', 'constant', 'constant_with_warmup']);

test.each(fixture<readonly Schedule[]>('schedules.json').filter(({ lr_scheduler_type: name }) => OURS.has(name)))(
  '$lr_scheduler_type with warmup_steps $warmup_steps over $max_steps steps has the rates of transformers',
  (golden) => {
    // `constant` with a warm-up is a contradiction that only our recipe refuses.
    const warmup = golden.lr_scheduler_type === 'constant' ? 0 : golden.warmup_steps;
    const { recipe } = parseRecipe({ model: 'm', dataset: { file: 'd' }, lr_scheduler_type: golden.lr_scheduler_type, warmup_steps: warmup });
    const steps = warmupSteps(recipe.warmup_steps, golden.max_steps);
    if (golden.lr_scheduler_type !== 'constant') expect(steps).toBe(golden.warmup_steps_resolved);
    golden.rates.forEach((rate, k) =>
      expect(golden.learning_rate * scheduleFactor(recipe.lr_scheduler_type, k, steps, golden.max_steps)).toBeCloseTo(rate, 12),
    );
  },
);
