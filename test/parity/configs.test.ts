/** @file Configurations that transformers 5.18 loads give its rotary frequencies and its logits (-1 and null ids, missing keys, rope types, bare names). */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import { modelDefinition } from '../../src/main/engine/models/model.ts';
import { modelStates } from '../../src/main/engine/models/model-states.ts';
import { openModel } from '../../src/main/engine/models/open-model.ts';
import { inverseFrequencies, rotaryAmplitude } from '../../src/main/engine/models/rope-frequencies.ts';
import { FrozenParameters } from '../../src/main/engine/nn/frozen-parameters.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import type { ModelFolder } from '../../src/main/engine/weights/model-folder.ts';
import { openSafetensors, readTensorBytes, writeSafetensors } from '../../src/main/engine/weights/safetensors.ts';
import { parityFixture } from '../support/fixture.ts';
import { testFolder } from '../support/test-folder.ts';

interface Case {
  readonly name: string;
  readonly model: string;
  readonly over: Readonly<Record<string, unknown>>;
  readonly drop: readonly string[];
  readonly bare: boolean;
  readonly inverse_frequencies: readonly number[];
  readonly amplitude: number;
  readonly logits: readonly number[];
}

const { ids, cases } = JSON.parse(await readFile(parityFixture('configs', 'cases.json'), 'utf8')) as { readonly ids: readonly number[]; readonly cases: readonly Case[] };

async function folderOf({ model, over, drop, bare }: Case): Promise<string> {
  const folder = await testFolder();
  const source = parityFixture('models', model);
  const config = { ...(JSON.parse(await readFile(join(source, 'config.json'), 'utf8')) as Record<string, unknown>), ...over };
  await writeFile(join(folder, 'config.json'), JSON.stringify(Object.fromEntries(Object.entries(config).filter(([key]) => !drop.includes(key)))));
  const { tensors } = await openSafetensors(join(source, 'model.safetensors'));
  await writeSafetensors(join(folder, 'model.safetensors'), await Promise.all([...tensors.values()].map(async (info) => {
    const bytes = await readTensorBytes(info);
    return { ...info, name: bare ? info.name.replace(/^model\./, '') : info.name, chunks: () => [bytes] };
  })));
  return folder;
}

async function lastLogits(folder: ModelFolder): Promise<Float32Array> {
  const { config } = folder;
  const session = await referenceBackend.open();
  await session.addStates(modelStates(folder, 'f32'));
  const b = new GraphBuilder('logits');
  const parameters = new FrozenParameters(b, 'f32');
  const model = modelDefinition(config.family);
  const shape = [1, ids.length];
  const hidden = model.hidden({
    b, config, parameters, ids: b.input('ids', { dtype: 'i32', shape }), positions: b.iota(shape, 1),
    attend: (_, q, k, v) => b.attention(q, k, v, 1 / Math.sqrt(config.headDim)).out,
  });
  b.output('logits', b.matmul(model.finalNorm({ b, config, parameters }, hidden), model.headWeight({ config, parameters }), { transB: true }));
  const { logits } = await (await session.compile(b.finish())).run({ ids: { dtype: 'i32', shape, data: Int32Array.from(ids) } });
  await session.dispose();
  return (logits!.data as Float32Array).slice(-config.vocabSize);
}

function relativeError(got: ArrayLike<number>, want: readonly number[]): number {
  expect(got).toHaveLength(want.length);
  const scale = Math.max(...want.map(Math.abs));
  return Math.max(...want.map((value, i) => Math.abs(value - got[i]!))) / scale;
}

describe('a configuration that transformers loads', () => {
  it.each(cases.map((c) => [c.name, c] as const))('%s', async (_name, c) => {
    const folder = await openModel(await folderOf(c));
    // Each frequency by itself: the slow ones are small, and their errors with them.
    inverseFrequencies(folder.config).forEach((value, i) => expect(Math.abs(value / c.inverse_frequencies[i]! - 1), `frequency ${i}`).toBeLessThan(3e-7));
    expect(rotaryAmplitude(folder.config)).toBeCloseTo(c.amplitude, 12);
    expect(relativeError(await lastLogits(folder), c.logits)).toBeLessThan(1e-5);
  });
});
