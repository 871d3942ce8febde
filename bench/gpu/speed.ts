/**
 * @file `node bench/gpu/speed.ts model:batch:length[:recompute] [--device D] [--steps N]`: LoRA r=16 on all linears, bf16 where the device has
 * it, random weights, one batch of full random rows learned again and again. A step is what a run's step is: `Trainer.step`.
 */
import { createHash } from 'node:crypto';
import { seededRandom } from '../../src/shared/lib/seeded-random.ts';
import type { BackendSession } from '../../src/main/engine/backends/backend.ts';
import type { Batch, Bucket } from '../../src/main/engine/data/batch.ts';
import { choosePrecision } from '../../src/main/engine/models/precision.ts';
import { openBackend } from '../../src/main/engine/open-backend.ts';
import { flatView } from '../../src/main/engine/train/flat-layout.ts';
import { adamw } from '../../src/main/engine/train/optim/adamw.ts';
import type { TrainingPlan } from '../../src/main/engine/train/programs.ts';
import { CHUNK_ROWS } from '../../src/main/engine/train/shapes.ts';
import { trainableLayout, trainAdapters } from '../../src/main/engine/train/trainable.ts';
import { sft } from '../../src/main/engine/train/methods/sft.ts';
import { Trainer, type StepResult } from '../../src/main/engine/train/trainer.ts';
import { freeDeviceMemory } from './device-memory.ts';
import { parsePart, withFolder, type Part } from './place.ts';
import { addRandomModel, randomIds } from './random-model.ts';
import { tell, tellCheck, type RecordOf } from './records.ts';
import { modelOfShape, flopsPerToken, loraTargets, parseSpeedCase, type SpeedCase } from './shapes.ts';

const WARM_UP = 4;
/** What the peers' scripts train with. */
const SETTINGS = { optimizer: adamw({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 }), maxGradNorm: 1, seed: 0 };
const LEARNING_RATE = 2e-4;
/** Dense bf16 rate of H100 and H200 by NVIDIA's data sheet, FLOP/s: nothing can be faster. */
const PEAK = 989e12;

interface Timed {
  readonly results: readonly StepResult[];
  /** Milliseconds of each step, the warm-up first. */
  readonly times: readonly number[];
}

function planOf({ model: name, recompute }: SpeedCase, dtype: 'f32' | 'bf16'): TrainingPlan {
  const model = modelOfShape(name);
  const trainable = trainAdapters(loraTargets(model), 0);
  return { model, dtype, trainable, layout: trainableLayout(trainable), chunkRows: CHUNK_ROWS, recompute };
}

/** A as PEFT draws it, B zero. */
function startOf({ layout, model }: TrainingPlan): Float32Array {
  const values = new Float32Array(layout.size);
  const draw = seededRandom(2);
  loraTargets(model).forEach(({ linear }, i) => {
    const a = flatView(layout.entries[2 * i]!, values);
    for (let at = 0; at < a.length; at += 1) a[at] = (2 * draw() - 1) / Math.sqrt(linear.in);
  });
  return values;
}

/** Every position but a row's last learns the next token. */
function fullBatch(plan: TrainingPlan, { batch, length }: SpeedCase): Batch {
  const ids = randomIds(plan.model, batch * length, 3);
  const rows = Int32Array.from({ length: batch * (length - 1) }, (_, i) => Math.floor(i / (length - 1)) * length + (i % (length - 1)));
  const bucket: Bucket = { batch, length, rows: rows.length };
  return { bucket, ids, rows, targets: rows.map((row) => ids[row + 1]!) };
}

async function timeSteps(trainer: Trainer, batch: Batch, steps: number): Promise<Timed> {
  const results: StepResult[] = [];
  const times: number[] = [];
  for (let step = 1; step <= steps; step += 1) {
    const began = performance.now();
    results.push(await trainer.step([batch], batch.rows.length, LEARNING_RATE, step));
    times.push(performance.now() - began);
  }
  return { results, times };
}

async function measure(
  session: BackendSession,
  speedCase: SpeedCase,
  dtype: 'f32' | 'bf16',
  steps: number,
  free: (() => number) | null,
): Promise<RecordOf<'speed'>> {
  const before = free?.() ?? 0;
  const began = performance.now();
  const plan = planOf(speedCase, dtype);
  await addRandomModel(session, plan.model, dtype);
  const trainer = new Trainer(session, plan, sft, SETTINGS);
  await trainer.load(startOf(plan), null);
  const loaded = performance.now();
  const batch = fullBatch(plan, speedCase);
  await trainer.prepare([batch.bucket], [], () => {});
  const compiled = performance.now();
  const { results, times } = await timeSteps(trainer, batch, WARM_UP + steps);
  const driverBytes = free === null ? null : before - free();
  const memory = session.memory();
  const trained = createHash('sha256')
    .update(new Uint8Array((await trainer.save()).trainable.buffer))
    .digest('hex');
  await trainer.dispose();
  const timed = times.slice(WARM_UP).toSorted((x, y) => x - y);
  const stepMs = timed[Math.floor(timed.length / 2)]!;
  const tokensPerSecond = (speedCase.batch * speedCase.length * 1000) / stepMs;
  const flops = flopsPerToken(plan.model, speedCase.length);
  return {
    kind: 'speed',
    ...speedCase,
    dtype,
    stepMs,
    fastestMs: timed[0]!,
    slowestMs: timed.at(-1)!,
    tokensPerSecond,
    tflops: (flops * tokensPerSecond) / 1e12,
    flopsPerToken: flops,
    peakBytes: memory.peak,
    driverBytes,
    memory,
    loss: results.map(({ loss }) => loss),
    gradNorm: results.map(({ gradNorm }) => gradNorm),
    trained,
    loadSeconds: (loaded - began) / 1000,
    compileSeconds: (compiled - loaded) / 1000,
    firstStepSeconds: times[0]! / 1000,
  };
}

/** A fast step proves nothing unless it trains. */
function check(record: RecordOf<'speed'>, vocabSize: number): void {
  const { model, batch, length, recompute, loss, gradNorm, tflops } = record;
  const name = `${model} ${batch}x${length}${recompute ? ', layers computed again' : ''}`;
  const [first, last] = [loss[0]!, loss.at(-1)!];
  const falls = last < first && loss.every(Number.isFinite);
  tellCheck('speed', `${name}: loss falls on a repeated batch`, falls, `${first.toFixed(4)} to ${last.toFixed(4)} in ${loss.length} steps`);
  // Random weights of deviation 0.02 guess evenly, so the first loss is ln(vocabulary) and a little.
  const even = Math.log(vocabSize);
  tellCheck(
    'speed',
    `${name}: first loss is that of even guesses`,
    Math.abs(first - even) < 1,
    `${first.toFixed(4)}, ln(vocabulary) is ${even.toFixed(4)}`,
  );
  const alive = gradNorm.every((norm) => Number.isFinite(norm) && norm > 0);
  tellCheck(
    'speed',
    `${name}: gradient norm is not zero`,
    alive,
    `${Math.min(...gradNorm).toPrecision(4)} to ${Math.max(...gradNorm).toPrecision(4)}`,
  );
  const share = (100 * tflops * 1e12) / PEAK;
  tellCheck('speed', `${name}: arithmetic is possible`, share < 100, `${tflops.toFixed(1)} TFLOP/s, ${share.toFixed(1)} % of 989`);
}

async function main({ device, steps, names }: Part): Promise<void> {
  await withFolder(async (cacheDir) => {
    const free = await freeDeviceMemory(device);
    const backend = await openBackend(device, { threads: null, cacheDir });
    const dtype = choosePrecision('auto', backend.info);
    for (const name of names) {
      const session = await backend.open();
      const speedCase = parseSpeedCase(name);
      try {
        const record = await measure(session, speedCase, dtype, steps, free);
        tell(record);
        check(record, modelOfShape(speedCase.model).sizes.vocabSize);
      } finally {
        await session.dispose();
      }
    }
  });
}

await main(parsePart(process.argv.slice(2)));
