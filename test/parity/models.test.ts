/** Logits and every weight's gradient of small random models against transformers (engine.md section 5: f32, 1e-5 relative). */
import { describe, expect, it } from 'vitest';
import type { HostTensor } from '../../src/main/engine/backends/backend.ts';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import { modelStates } from '../../src/main/engine/models/model-states.ts';
import { frozenParameters } from '../../src/main/engine/nn/compose.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import { flatView } from '../../src/main/engine/train/flat-layout.ts';
import { buildMicroStep, STATE, type TrainingPlan } from '../../src/main/engine/train/programs.ts';
import { trainableLayout, trainEverything } from '../../src/main/engine/train/trainable.ts';
import { openModel, type ModelFolder } from '../../src/main/engine/models/open-model.ts';
import { openSafetensors, readTensorBytes, readTensorF32 } from '../../src/main/engine/weights/safetensors.ts';
import { parityCases, parityFixture } from '../support/fixture.ts';
import { modelLogits } from '../support/model-logits.ts';

const BATCH = 2;
const TOKENS = 13;
const IGNORE = -100;
const GOLDENS = parityCases('gradients', 'golden.safetensors');

interface Golden {
  readonly ids: Int32Array;
  readonly labels: Int32Array;
  f32(name: string): Promise<Float32Array>;
}

async function openGolden(model: string): Promise<Golden> {
  const { tensors } = await openSafetensors(parityFixture('gradients', model, 'golden.safetensors'));
  const int64 = async (name: string) => {
    const bytes = await readTensorBytes(tensors.get(name)!);
    return Int32Array.from(new BigInt64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer), Number);
  };
  return { ids: await int64('input_ids'), labels: await int64('labels'), f32: (name) => readTensorF32(tensors.get(name)!) };
}

function i32(data: Int32Array, shape: readonly number[]): HostTensor {
  return { dtype: 'i32', shape, data };
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Largest difference over the largest value: what one float32 rounding would be about 1e-7 of. */
function relativeError(got: Float32Array, want: Float32Array): number {
  expect(got.length).toBe(want.length);
  const scale = largest(want);
  return got.reduce((most, value, i) => Math.max(most, Math.abs(value - want[i]!)), 0) / scale;
}

async function logitsOf(folder: ModelFolder, ids: Int32Array): Promise<Float32Array> {
  const session = await referenceBackend.open();
  await session.addStates(modelStates(folder, 'f32'));
  const b = new GraphBuilder('logits');
  b.output('logits', modelLogits(b, folder.model, frozenParameters(b, 'f32'), [BATCH, TOKENS]));
  const program = await session.compile(b.finish());
  return (await program.run({ ids: i32(ids, [BATCH, TOKENS]) }))['logits']!.data as Float32Array;
}

describe.each([...GOLDENS, 'llama-tied-sharded'])('%s', (name) => {
  it("gives transformers' logits", async () => {
    const golden = await openGolden(name.replace('-sharded', ''));
    const folder = await openModel(parityFixture('models', name));
    const logits = await logitsOf(folder, golden.ids);
    const want = await golden.f32('logits');
    // The second row ends in padding, where transformers masks keys and we never look.
    const width = folder.model.sizes.vocabSize;
    const real = [...Array.from({ length: TOKENS }, (_, t) => t), ...Array.from({ length: 9 }, (_, t) => TOKENS + t)];
    for (const row of real) {
      expect(relativeError(logits.subarray(row * width, (row + 1) * width), want.subarray(row * width, (row + 1) * width))).toBeLessThan(1e-5);
    }
  });
});

// Copies in 16 bits hold logits alone.
describe.each(GOLDENS.filter((name) => !/-b?f16$/.test(name)))('%s', (name) => {
  it("gives PyTorch's gradient of every weight", async () => {
    const golden = await openGolden(name);
    const folder = await openModel(parityFixture('models', name));
    const { gradient, loss } = await fullGradient(folder, golden);
    const wantLoss = (await golden.f32('loss'))[0]!;
    expect(Math.abs(loss - wantLoss) / wantLoss).toBeLessThan(1e-6);
    const layout = trainableLayout(trainEverything(folder.model));
    expect(layout.entries.length).toBe(folder.tensors.size);
    const wanted = await Promise.all(layout.entries.map(({ name }) => golden.f32(`grad.${name}`)));
    // What is nothing but rounding there (a bias of keys that are not rotated, which softmax does not see) has to be that here.
    const rounding = 1e-7 * Math.max(...wanted.map(largest));
    for (const [i, entry] of layout.entries.entries()) {
      const [got, want] = [flatView(entry, gradient), wanted[i]!];
      if (largest(want) < rounding) expect(largest(got), entry.name).toBeLessThan(rounding);
      else expect(relativeError(got, want), entry.name).toBeLessThan(1e-5);
    }
  });
});

async function fullGradient(folder: ModelFolder, golden: Golden): Promise<{ gradient: Float32Array; loss: number }> {
  const { model } = folder;
  const trainable = trainEverything(model);
  const layout = trainableLayout(trainable);
  const values = new Float32Array(layout.size);
  for (const entry of layout.entries) flatView(entry, values).set(await readTensorF32(folder.tensors.get(entry.name)!));
  const session = await referenceBackend.open();
  const type = { dtype: 'f32', shape: [layout.size] } as const;
  await session.addStates([
    ...model.constants,
    { name: STATE.trainable, type, role: 'variable', source: { kind: 'values', tensor: { ...type, data: values } } },
    { name: STATE.gradients, type, role: 'variable', source: { kind: 'zeros' } },
  ]);
  const flat = [...golden.labels.keys()].filter((i) => (i + 1) % TOKENS !== 0 && golden.labels[i + 1] !== IGNORE);
  const plan: TrainingPlan = { model, dtype: 'f32', trainable, layout, chunkRows: 7 };
  const program = await session.compile(buildMicroStep(plan, { batch: BATCH, length: TOKENS, rows: flat.length }));
  const outputs = await program.run({
    ids: i32(golden.ids, [BATCH, TOKENS]),
    rows: i32(Int32Array.from(flat), [flat.length]),
    targets: i32(
      Int32Array.from(flat, (i) => golden.labels[i + 1]!),
      [flat.length],
    ),
    inverseTokens: { dtype: 'f32', shape: [], data: Float32Array.of(1 / flat.length) },
  });
  return { gradient: (await session.readState(STATE.gradients)).data as Float32Array, loss: outputs['loss']!.data[0]! };
}
