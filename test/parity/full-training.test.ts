/**
 * Ten steps of SFT on every weight through the command line against TRL 1.13 (engine.md section 5): loss to 1e-5 relative, every weight to
 * 1e-4 (weight decay is on, and spares norms and biases); the model that is saved gives the reference's logits.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import { modelStates } from '../../src/main/engine/models/model-states.ts';
import { openModel } from '../../src/main/engine/models/open-model.ts';
import { frozenParameters } from '../../src/main/engine/nn/compose.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import { openSafetensors, readTensorF32 } from '../../src/main/engine/weights/safetensors.ts';
import { parityCases, parityFixture } from '../support/fixture.ts';
import { modelLogits } from '../support/model-logits.ts';
import { expectSteps, goldenIds, goldenSteps, relativeNorm, trainFixture } from '../support/parity-run.ts';
import { testFolder } from '../support/test-folder.ts';

describe.each(parityCases('full-training'))('%s', (name) => {
  it('follows TRL step by step, ends at its weights, and saves a model that gives its logits', async () => {
    const folder = await testFolder();
    expectSteps(trainFixture(['full-training', name], folder), goldenSteps(['full-training', name]));
    const saved = join(folder, 'run/model');
    const golden = (await openSafetensors(parityFixture('full-training', name, 'tuned.safetensors'))).tensors;
    const { tensors } = await openModel(saved);
    expect([...tensors.keys()].map((tensor) => `weight.${tensor}`).sort()).toEqual(
      [...golden.keys()].filter((tensor) => tensor.startsWith('weight.')).sort(),
    );
    for (const [tensor, info] of tensors) {
      expect(info.dtype).toBe('F32');
      expect(relativeNorm(await readTensorF32(info), await readTensorF32(golden.get(`weight.${tensor}`)!)), tensor).toBeLessThan(1e-4);
    }
    const ids = golden.get('input_ids')!;
    const logits = await logitsOf(saved, await goldenIds(ids), ids.shape as [number, number]);
    expect(relativeNorm(logits, await readTensorF32(golden.get('logits')!))).toBeLessThan(1e-4);
  });
});

async function logitsOf(path: string, ids: Int32Array, shape: readonly [number, number]): Promise<Float32Array> {
  const folder = await openModel(path);
  const session = await referenceBackend.open();
  await session.addStates(modelStates(folder, 'f32'));
  const b = new GraphBuilder('logits of a tuned model');
  b.output('logits', modelLogits(b, folder.model, frozenParameters(b, 'f32'), shape));
  const program = await session.compile(b.finish());
  return (await program.run({ ids: { dtype: 'i32', shape, data: ids } }))['logits']!.data as Float32Array;
}
