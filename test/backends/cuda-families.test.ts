/** @file A micro-step of each family as the CUDA schedule runs it, on a simulated card: loss and gradient of every weight are those of the reference. */
import { expect, test } from 'vitest';
import type { Feeds, HostTensor, StateSpec } from '../../src/main/engine/backends/backend.ts';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import { openModel, type ModelFolder } from '../../src/main/engine/models/open-model.ts';
import { flatView } from '../../src/main/engine/train/flat-layout.ts';
import { buildMicroStep, STATE } from '../../src/main/engine/train/programs.ts';
import { trainableLayout, trainEverything } from '../../src/main/engine/train/trainable.ts';
import { readTensorF32 } from '../../src/main/engine/weights/safetensors.ts';
import { parityCases, parityFixture } from '../support/fixture.ts';
import { simulate } from '../support/simulated-device.ts';

const [BATCH, TOKENS] = [2, 5] as const;
const ROWS = [0, 2, 3, 6, 8];

function i32(shape: readonly number[], of: (i: number) => number): HostTensor {
  return { dtype: 'i32', shape, data: Int32Array.from({ length: shape.reduce((x, y) => x * y, 1) }, (_, i) => of(i)) };
}

/** One layer: what is computed by element here takes its time. */
async function microStep({ model: whole, tensors }: ModelFolder) {
  const model = whole.withLayers(1);
  const trainable = trainEverything(model);
  const layout = trainableLayout(trainable);
  const data = new Float32Array(layout.size);
  for (const entry of layout.entries) flatView(entry, data).set(await readTensorF32(tensors.get(entry.name)!));
  const graph = buildMicroStep(
    { model, dtype: 'f32', trainable, layout, chunkRows: 3 },
    { batch: BATCH, length: TOKENS, rows: ROWS.length, segmented: false },
  );
  const feeds: Feeds = {
    ids: i32([BATCH, TOKENS], (i) => 3 + ((i * 37) % 290)),
    rows: i32([ROWS.length], (i) => ROWS[i]!),
    targets: i32([ROWS.length], (i) => (i === 2 ? -100 : 5 + i * 41)),
    inverseTokens: { dtype: 'f32', shape: [], data: Float32Array.of(0.25) },
  };
  const shape = [layout.size];
  const states: Record<string, HostTensor> = {
    [STATE.trainable]: { dtype: 'f32', shape, data },
    [STATE.gradients]: { dtype: 'f32', shape, data: new Float32Array(layout.size) },
  };
  for (const { name, source } of model.constants) if (source.kind === 'values') states[name] = source.tensor;
  return { graph, feeds, states, layout };
}

const FAMILIES = parityCases('gradients', 'golden.safetensors').filter((name) => !/-b?f16$/.test(name));

test.each(FAMILIES)('%s', { timeout: 120_000 }, async (name) => {
  const { graph, feeds, states, layout } = await microStep(await openModel(parityFixture('models', name)));
  const session = await referenceBackend.open();
  await session.addStates(
    Object.entries(states).map(([state, tensor]): StateSpec => ({
      name: state,
      type: { dtype: tensor.dtype, shape: tensor.shape },
      role: 'variable',
      source: { kind: 'values', tensor },
    })),
  );
  const want = await (await session.compile(graph)).run(feeds);
  const gradient = (await session.readState(STATE.gradients)).data as Float32Array;
  const run = simulate(graph, feeds, states);
  expect(run.outputs['loss']!.data[0]! / want['loss']!.data[0]!).toBeCloseTo(1, 5);
  const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const got = run.states[STATE.gradients]!.data as Float32Array;
  const most = largest(gradient);
  for (const entry of layout.entries) {
    const [a, b] = [flatView(entry, got), flatView(entry, gradient)];
    const difference = largest(a.map((value, i) => value - b[i]!));
    // What is rounding alone (a bias of keys that are not rotated) is that here too.
    if (largest(b) < 1e-6 * most) expect(largest(a), entry.name).toBeLessThan(1e-6 * most);
    else expect(difference / largest(b), entry.name).toBeLessThan(1e-5);
  }
  await session.dispose();
});
