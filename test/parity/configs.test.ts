/** @file Configurations that transformers 5.18 loads give its rotary frequencies and its logits (-1 and null ids, missing keys, rope types, bare names). */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import type { LlamaConfig } from '../../src/main/engine/models/llama/config.ts';
import { modelStates } from '../../src/main/engine/models/model-states.ts';
import { openModel, type ModelFolder } from '../../src/main/engine/models/open-model.ts';
import { inverseFrequencies, rotaryAmplitude } from '../../src/main/engine/models/rope-frequencies.ts';
import { frozenParameters } from '../../src/main/engine/nn/compose.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import { openSafetensors, readTensorBytes, writeSafetensors } from '../../src/main/engine/weights/safetensors.ts';
import { parityFixture } from '../support/fixture.ts';
import { modelLogits } from '../support/model-logits.ts';
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

const { ids, cases } = JSON.parse(await readFile(parityFixture('configs', 'cases.json'), 'utf8')) as {
  readonly ids: readonly number[];
  readonly cases: readonly Case[];
};

async function folderOf({ model, over, drop, bare }: Case): Promise<string> {
  const folder = await testFolder();
  const source = parityFixture('models', model);
  const config = { ...(JSON.parse(await readFile(join(source, 'config.json'), 'utf8')) as Record<string, unknown>), ...over };
  await writeFile(join(folder, 'config.json'), JSON.stringify(Object.fromEntries(Object.entries(config).filter(([key]) => !drop.includes(key)))));
  const { tensors } = await openSafetensors(join(source, 'model.safetensors'));
  await writeSafetensors(
    join(folder, 'model.safetensors'),
    await Promise.all(
      [...tensors.values()].map(async (info) => {
        const bytes = await readTensorBytes(info);
        return { ...info, name: bare ? info.name.replace(/^model\./, '') : info.name, chunks: () => [bytes] };
      }),
    ),
  );
  return folder;
}

async function lastLogits(folder: ModelFolder): Promise<Float32Array> {
  const session = await referenceBackend.open();
  await session.addStates(modelStates(folder, 'f32'));
  const b = new GraphBuilder('logits');
  const shape = [1, ids.length] as const;
  b.output('logits', modelLogits(b, folder.model, frozenParameters(b, 'f32'), shape));
  const { logits } = await (await session.compile(b.finish())).run({ ids: { dtype: 'i32', shape, data: Int32Array.from(ids) } });
  await session.dispose();
  return (logits!.data as Float32Array).slice(-folder.model.sizes.vocabSize);
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
    const { rope, headDim } = folder.model.config as LlamaConfig;
    inverseFrequencies(rope, headDim).forEach((value, i) =>
      expect(Math.abs(value / c.inverse_frequencies[i]! - 1), `frequency ${i}`).toBeLessThan(3e-7),
    );
    expect(rotaryAmplitude(rope)).toBeCloseTo(c.amplitude, 12);
    expect(relativeError(await lastLogits(folder), c.logits)).toBeLessThan(1e-5);
  });
});
