/**
 * @file `node bench/gpu/parity.ts [CASE...] [--device D]`: the 20 steps of each training case of test/parity, twice, against the losses
 * that TRL and PEFT wrote down.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MetricPoint } from '../../src/shared/domain/metrics.ts';
import type { DeviceChoice } from '../../src/main/engine/protocol.ts';
import { adapterDeviation, caseRecipe, goldenAdapter, goldenSteps, parityCases, trainCase, type GoldenStep, type Run } from './parity-case.ts';
import { parsePart, withFolder } from './place.ts';
import { tell, tellCheck } from './records.ts';

/** Worst relative error of a step's loss. */
const TOLERANCE = { f32: 1e-4, bf16: 0.01 } as const;

async function runCase(name: string, device: DeviceChoice, folder: string): Promise<void> {
  const began = performance.now();
  const recipe = caseRecipe(name);
  const precision = recipe.precision === 'bf16' ? 'bf16' : 'f32';
  // Two engines at once, each with caches of its own: nothing of one may reach the other.
  const [first, second] = (await Promise.all(['first', 'second'].map((run) => trainCase(recipe, device, join(folder, name, run))))) as [Run, Run];
  if (first.kind === 'failed' || second.kind === 'failed') {
    const error = [first, second].flatMap((run) => (run.kind === 'failed' ? [run.error] : []))[0]!;
    return tellCheck('parity', name, false, `${error.code}: ${error.message}`);
  }
  const golden = goldenSteps(name);
  const worst = (key: 'loss' | 'grad_norm') => worstError(first.steps, golden, key);
  const bitwise = sameSteps(first.steps, second.steps) && readFileSync(first.adapter).equals(readFileSync(second.adapter));
  const want = goldenAdapter(name);
  const adapter = want === null ? null : await adapterDeviation(first.adapter, want);
  tell({
    kind: 'parity',
    case: name,
    precision,
    steps: first.steps.length,
    worstLoss: worst('loss'),
    worstNorm: worst('grad_norm'),
    adapter,
    bitwise,
    seconds: (performance.now() - began) / 1000,
  });
  const loss = worst('loss');
  tellCheck(
    'parity',
    `${name}: losses follow PyTorch's`,
    loss <= TOLERANCE[precision],
    `worst step ${loss.toExponential(2)}, allowed ${TOLERANCE[precision]}`,
  );
  tellCheck('parity', `${name}: a rerun is bitwise equal`, bitwise, 'losses, norms and adapter file');
}

function worstError(steps: readonly MetricPoint[], golden: readonly GoldenStep[], key: 'loss' | 'grad_norm'): number {
  if (steps.length !== golden.length) throw new Error(`${steps.length} steps were told, PyTorch took ${golden.length}`);
  return Math.max(...golden.map((want, i) => Math.abs(steps[i]!.values[key]! - want[key]) / Math.abs(want[key])));
}

function sameSteps(a: readonly MetricPoint[], b: readonly MetricPoint[]): boolean {
  return (
    a.length === b.length &&
    a.every((step, i) => Object.is(step.values.loss, b[i]!.values.loss) && Object.is(step.values.grad_norm, b[i]!.values.grad_norm))
  );
}

const { device, names } = parsePart(process.argv.slice(2));
await withFolder(async (folder) => {
  for (const name of names.length > 0 ? names : parityCases()) {
    try {
      await runCase(name, device, folder);
    } catch (error) {
      tellCheck('parity', name, false, error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }
});
