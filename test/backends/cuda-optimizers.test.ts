/** @file Updates of every optimizer as the CUDA backend schedules them, over tensors as layers have them, on the simulated device. */
import { expect, test } from 'vitest';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import type { Value } from '../../src/main/engine/ir/graph.ts';
import { flatLayout } from '../../src/main/engine/train/flat-layout.ts';
import { slotsOf, type Optimizer } from '../../src/main/engine/train/optim/optimizer.ts';
import { optimizerOf } from '../../src/main/engine/train/optim/optimizers.ts';
import { recipeSchema, type RecipeInput } from '../../src/shared/domain/recipe/recipe.ts';
import { H200, simulate } from '../support/simulated-device.ts';
import { expectAgreement } from './agreement.ts';
import { caseGraph, float, opCase } from './op-case.ts';

const LAYER = [[4, 24], [40, 4], [4, 40], [24, 4], [24]];
const LAYOUT = flatLayout([[7, 24], ...LAYER, ...LAYER, ...LAYER, [24]].map((shape, i) => [`t${i}`, shape] as const));
const SETTINGS: readonly Partial<RecipeInput>[] = [
  { optim: 'adamw_torch', weight_decay: 0.1 },
  { optim: 'sgd' },
  { optim: 'sgd', momentum: 0.9, nesterov: true, weight_decay: 0.1 },
  { optim: 'adafactor', weight_decay: 0.1 },
];

function updateCase(name: string, optimizer: Optimizer) {
  const slots = slotsOf(optimizer, LAYOUT);
  const half = LAYOUT.entries[6]!.offset;
  const stretches = [
    { offset: 0, size: half, decayed: true, entries: LAYOUT.entries.slice(0, 6) },
    { offset: half, size: LAYOUT.size - half, decayed: false, entries: LAYOUT.entries.slice(6) },
  ];
  return opCase({
    name,
    op: 'adamw',
    inputs: { p: float([LAYOUT.size]), g: float([LAYOUT.size]), ...Object.fromEntries(slots.map(({ name: slot, size }) => [slot, float([size])])) },
    outputs: (b, values) => {
      const { p, g, ...given }: Readonly<Record<string, Value>> = values;
      const scalars = Object.fromEntries(Object.entries(optimizer.scalars(3, 0.01)).map(([scalar, value]) => [scalar, b.constant(value, 'f32')]));
      // Second moments are no less than nothing.
      const before = Object.fromEntries(
        optimizer.slots.flatMap(({ name: slot, nonNegative }) =>
          given[slot] ? [[slot, nonNegative ? b.mul(given[slot], given[slot]) : given[slot]]] : [],
        ),
      );
      const next = optimizer.update(b, { p: p!, g: g!, factor: b.constant(0.5, 'f32'), slots: before, scalars, stretches });
      return { next: next.p, ...Object.fromEntries(slots.map(({ name: slot }) => [`next ${slot}`, next.slots[slot]!])) };
    },
  });
}

test.each(SETTINGS.map((settings) => [JSON.stringify(settings), settings] as const))('%s', async (name, settings) => {
  const each = updateCase(name, optimizerOf(recipeSchema.parse({ model: 'm', dataset: { file: 'd' }, ...settings })));
  const feeds = each.feeds(1);
  const { outputs } = simulate(caseGraph(each), feeds, {}, H200);
  const want = await (await (await referenceBackend.open()).compile(caseGraph(each))).run(feeds);
  expect(Object.keys(want)).toContain('next');
  for (const [output, tensor] of Object.entries(want)) expectAgreement(`${name}: ${output}`, outputs[output]!, tensor);
});
