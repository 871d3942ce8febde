/** What changes shapes and not the mathematics: micro-batches of an accumulated step, padding, none of it, packs. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openSafetensors, readTensorF32 } from '../../src/main/engine/weights/safetensors.ts';
import { finishJob, stepValues, trainJob, type JobOptions, type StepValues } from '../support/engine-job.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** PyTorch itself moves by 5e-7 in the loss and 2.5e-6 in the adapter when kernels change (parity/fixtures/training/ORIGIN.md). */
const LOSS = 1e-6;
const ENTROPY = 1e-5;
const NORM = 2e-5;
const ADAPTER = 1e-5;

interface Outcome {
  readonly steps: readonly StepValues[];
  readonly adapter: ReadonlyMap<string, Float32Array>;
}

async function train(root: string, name: string, options: JobOptions): Promise<Outcome> {
  const job = await trainJob(root, name, options);
  const { events } = await finishJob(job);
  const { tensors } = await openSafetensors(join(job.outDir, 'adapter', 'adapter_model.safetensors'));
  return {
    steps: stepValues(events),
    adapter: new Map(await Promise.all([...tensors].map(async ([tensor, info]) => [tensor, await readTensorF32(info)] as const))),
  };
}

function relative(got: number, want: number): number {
  return Math.abs(got - want) / Math.abs(want);
}

/** ||got - want|| / ||want|| */
function distance(got: Float32Array, want: Float32Array): number {
  const norm = (values: Float32Array) => Math.hypot(...values);
  return norm(got.map((value, i) => value - want[i]!)) / norm(want);
}

/** @param batches whether both compute the same micro-batches: TRL's accuracy and entropy are means of their means */
function expectSame(got: Outcome, want: Outcome, batches: 'the same' | 'others'): void {
  expect(got.steps).toHaveLength(want.steps.length);
  // The epoch counts micro-batches, as transformers does, so its fraction depends on how a step is cut.
  for (const [i, { loss, grad_norm: norm, entropy, mean_token_accuracy: accuracy, epoch: _, ...exact }] of got.steps.entries()) {
    const { loss: wantLoss, grad_norm: wantNorm, entropy: wantEntropy, mean_token_accuracy: wantAccuracy, epoch: __, ...wantExact } = want.steps[i]!;
    expect(exact).toEqual(wantExact);
    if (batches === 'the same') {
      expect(accuracy, `accuracy of step ${exact.step}`).toBe(wantAccuracy);
      expect(relative(entropy!, wantEntropy!), `entropy of step ${exact.step}`).toBeLessThan(ENTROPY);
    }
    expect(relative(loss!, wantLoss!), `loss of step ${exact.step}`).toBeLessThan(LOSS);
    expect(relative(norm!, wantNorm!), `norm of step ${exact.step}`).toBeLessThan(NORM);
  }
  expect([...got.adapter.keys()]).toEqual([...want.adapter.keys()]);
  for (const [name, values] of got.adapter) expect(distance(values, want.adapter.get(name)!), name).toBeLessThan(ADAPTER);
}

const setups: readonly (readonly [string, JobOptions])[] = [
  ['llama, prompt and completion', { model: 'llama-untied', dataset: 'prompt-completion.jsonl' }],
  ['qwen2, conversations', { model: 'qwen2-tied', dataset: 'messages.jsonl' }],
];

// 8 steps of 4 rows are one epoch of 32 and of 31 rows: the last step is short for one of them.
describe.each(setups)('%s', (_name, options) => {
  const root = tempFolder();
  const recipe = { per_device_train_batch_size: 4, gradient_accumulation_steps: 1, max_steps: 10 };
  let want: Outcome;
  beforeAll(async () => {
    want = await train(root, 'plain', { ...options, recipe });
  });

  it.each([
    [2, 2],
    [1, 4],
  ])('batches of 4 = batches of %i, %i accumulated', async (batch, accumulated) => {
    const cut = { ...recipe, per_device_train_batch_size: batch, gradient_accumulation_steps: accumulated };
    expectSame(await train(root, `${batch}x${accumulated}`, { ...options, recipe: cut }), want, 'others');
  });

  it.each([1, 7, 64])('padded to multiples of %i', async (multiple) => {
    expectSame(await train(root, `padded ${multiple}`, { ...options, recipe: { ...recipe, pad_to_multiple_of: multiple } }), want, 'the same');
  });

  it('laid end to end', async () => {
    expectSame(await train(root, 'flat', { ...options, recipe: { ...recipe, padding_free: true } }), want, 'the same');
  });

  // A step takes all rows, so that both have the same ones; none is longer than a pack.
  it('packed', async () => {
    const all = { max_steps: 4, max_length: 200, per_device_train_batch_size: 64 };
    expectSame(
      await train(root, 'packed', { ...options, recipe: { ...all, packing: true } }),
      await train(root, 'not packed', { ...options, recipe: all }),
      'the same',
    );
  });
});
