/** @file A recipe of the parity fixtures, trained through the command line, and what the reference's steps hold. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { readTensorBytes, type TensorInfo } from '../../src/main/engine/weights/safetensors.ts';
import { parityFixture } from './fixture.ts';

const CLI = join(import.meta.dirname, '../../src/main/cli/index.ts');

const stepsSchema = z.object({
  steps: z.array(
    z.object({ step: z.int(), loss: z.number(), grad_norm: z.number(), learning_rate: z.number(), num_tokens: z.number(), epoch: z.number() }),
  ),
});
const stepLineSchema = z.looseObject({
  kind: z.literal('step'),
  step: z.int(),
  loss: z.number(),
  grad_norm: z.number(),
  learning_rate: z.number(),
  num_tokens: z.number(),
  epoch: z.number(),
});

type StepLine = z.output<typeof stepLineSchema>;

/** @param path of the case among the fixtures */
export function trainFixture(path: readonly string[], folder: string): StepLine[] {
  const args = [
    CLI,
    'train',
    '--recipe',
    parityFixture(...path, 'recipe.json'),
    '--out',
    join(folder, 'run'),
    '--data',
    join(folder, 'data'),
    '--device',
    'cpu',
    '--json',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status, stderr + stdout).toBe(0);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{"kind":"step"'))
    .map((line) => stepLineSchema.parse(JSON.parse(line)));
}

export function relative(got: number, want: number): number {
  return Math.abs(got - want) / Math.abs(want);
}

/** ||got - want|| / ||want|| */
export function relativeNorm(got: Float32Array, want: Float32Array): number {
  const norm = (values: Iterable<number>) => Math.sqrt([...values].reduce((sum, value) => sum + value * value, 0));
  return norm(got.map((value, i) => value - want[i]!)) / norm(want);
}

/** The reference's steps of a case. */
export function goldenSteps(path: readonly string[]): z.output<typeof stepsSchema>['steps'] {
  return stepsSchema.parse(JSON.parse(readFileSync(parityFixture(...path, 'steps.json'), 'utf8'))).steps;
}

/** Loss to 1e-5, norm to 5e-5 (the reference differs from itself by 1.2e-5 there, training/ORIGIN.md), what is counted exactly. */
export function expectSteps(got: readonly StepLine[], want: ReturnType<typeof goldenSteps>): void {
  expect(got.map(({ step }) => step)).toEqual(want.map(({ step }) => step));
  got.forEach((step, i) => {
    expect(relative(step.loss, want[i]!.loss), `loss of step ${step.step}`).toBeLessThan(1e-5);
    expect(relative(step.grad_norm, want[i]!.grad_norm), `norm of step ${step.step}`).toBeLessThan(5e-5);
    expect(step.learning_rate).toBeCloseTo(want[i]!.learning_rate, 15);
    expect(step.num_tokens).toBe(want[i]!.num_tokens);
    expect(step.epoch).toBeCloseTo(want[i]!.epoch, 12);
  });
}

/** int64 as torch saves ids. */
export async function goldenIds(info: TensorInfo): Promise<Int32Array> {
  const bytes = await readTensorBytes(info);
  return Int32Array.from(new BigInt64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer), Number);
}
