/**
 * @file Times LoRA micro-steps and updates of the Qwen2.5-0.5B shape (r = 16 on all linears, bf16, random weights and data) on the GPU:
 * `node bench/gpu/lora-step.ts [batch x length ...] [--mma]` (without the wgmma kernels). Prints the kernels that take most of the time, then a table.
 */
import { join } from 'node:path';
import { createCudaBackend } from '../../src/main/engine/backends/cuda/cuda-backend.ts';
import type { CudaProgram } from '../../src/main/engine/backends/cuda/program/cuda-program.ts';
import type { Feeds, HostTensor, StateSpec } from '../../src/main/engine/backends/backend.ts';
import { encodeHalfs } from '../../src/main/engine/ir/float-bits.ts';
import type { Graph } from '../../src/main/engine/ir/graph.ts';
import { elementCount, type Shape } from '../../src/main/engine/ir/shape.ts';
import { selectLoraTargets } from '../../src/main/engine/train/lora-targets.ts';
import { adamw } from '../../src/main/engine/train/optim/adamw.ts';
import { buildMicroStep, buildUpdate, STATE, type TrainingPlan } from '../../src/main/engine/train/programs.ts';
import { trainableLayout, trainAdapters } from '../../src/main/engine/train/trainable.ts';
import { modelOfShape } from './shapes.ts';

const model = modelOfShape('qwen2.5-0.5b');
const STEPS = 10;
const OPTIMIZER = adamw({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 });

let seed = 1;
function uniform(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
}

/** Random numbers of about normal shape; repeated, since drawing half a billion takes longer than the benchmark. */
const noise = Float32Array.from({ length: 2 ** 20 + 7 }, () => (uniform() + uniform() + uniform() + uniform() - 2) * 1.7 * 0.02);
const noiseBits = encodeHalfs('bf16', noise);

function tiled<T extends Float32Array | Uint16Array>(target: T, source: T): T {
  for (let at = 0; at < target.length; at += source.length) target.set(source.subarray(0, Math.min(source.length, target.length - at)), at);
  return target;
}

function weight(name: string, shape: Shape): StateSpec {
  const count = elementCount(shape);
  const data = /norm/.test(name) ? new Uint16Array(count).fill(0x3f80) : tiled(new Uint16Array(count), noiseBits);
  return { name, type: { dtype: 'bf16', shape }, role: 'constant', source: { kind: 'values', tensor: { dtype: 'bf16', shape, data } } };
}

function vector(name: string, size: number, data: Float32Array | null): StateSpec {
  const type = { dtype: 'f32', shape: [size] } as const;
  return { name, type, role: 'variable', source: data ? { kind: 'values', tensor: { ...type, data } } : { kind: 'zeros' } };
}

function scalar(value: number): HostTensor {
  return { dtype: 'f32', shape: [], data: Float32Array.of(value) };
}

function integers(shape: Shape, of: (i: number) => number): HostTensor {
  return { dtype: 'i32', shape, data: Int32Array.from({ length: elementCount(shape) }, (_, i) => of(i)) };
}

function batchFeeds(batch: number, length: number): Feeds {
  const rows = batch * length;
  return {
    ids: integers([batch, length], () => Math.floor(uniform() * model.sizes.vocabSize)),
    rows: integers([rows], (i) => i),
    targets: integers([rows], () => Math.floor(uniform() * model.sizes.vocabSize)),
    inverseTokens: scalar(1 / rows),
  };
}

const targets = selectLoraTargets(model.linears, { targetModules: 'all-linear', rank: 16, alpha: 32, rsLora: false });
const trainable = trainAdapters(targets, 0);
const layout = trainableLayout(trainable);
const mma = process.argv.includes('--mma');
const found = createCudaBackend({ kernelFolder: join(import.meta.dirname, '../../resources/kernels'), ...(mma ? { products: 'mma' as const } : {}) });
if (!found.ok) throw new Error(found.reason.message);
const session = await found.backend.open();
const loading = performance.now();
const half = Float32Array.from(tiled(new Float32Array(layout.size), noise));
for (const { name, offset, shape } of layout.entries) if (name.includes('lora_B')) half.fill(0, offset, offset + elementCount(shape));
await session.addStates([
  ...[...model.tensors].map(([name, { shape }]) => weight(name, shape)),
  ...model.constants,
  vector(STATE.trainable, layout.size, half),
  ...[STATE.gradients, ...OPTIMIZER.slots.map(({ name }) => name)].map((name) => vector(name, layout.size, null)),
]);
const loaded = performance.now() - loading;

async function compiled(graph: Graph): Promise<CudaProgram> {
  return (await session.compile(graph)) as CudaProgram;
}

interface Row {
  readonly shape: string;
  readonly compile: number;
  readonly micro: number;
  readonly update: number;
  readonly launches: number;
  readonly losses: string;
  readonly norm: number;
  readonly bitwise: boolean;
}

async function measure(batch: number, length: number): Promise<Row> {
  const plan: TrainingPlan = { model, dtype: 'bf16', trainable, layout, chunkRows: 2048 };
  const start = performance.now();
  const micro = await compiled(buildMicroStep(plan, { batch, length, rows: batch * length }));
  const update = await compiled(buildUpdate(plan, OPTIMIZER, 1));
  const compile = performance.now() - start;
  const feeds = batchFeeds(batch, length);
  const losses: number[] = [];
  const microTimes: number[] = [];
  const updateTimes: number[] = [];
  let norm = 0;
  // The first micro-step is eager, the second captured: equal bits before anything is updated.
  const before = await session.readState(STATE.gradients);
  await micro.run(feeds);
  const eager = await session.readState(STATE.gradients);
  await session.writeState(STATE.gradients, before);
  await micro.run(feeds);
  const captured = await session.readState(STATE.gradients);
  await session.writeState(STATE.gradients, before);
  const bitwise = Buffer.compare(new Uint8Array(eager.data.buffer), new Uint8Array(captured.data.buffer)) === 0;
  for (let step = 1; step <= STEPS; step++) {
    const t0 = performance.now();
    losses.push((await micro.run(feeds))['loss']!.data[0]!);
    const t1 = performance.now();
    const scalars = Object.fromEntries(Object.entries(OPTIMIZER.scalars(step, 1e-3)).map(([name, value]) => [name, scalar(value)]));
    norm = (await update.run(scalars))['gradNorm']!.data[0]!;
    microTimes.push(t1 - t0);
    updateTimes.push(performance.now() - t1);
  }
  const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
  const profile = await micro.profile(feeds);
  const groups = new Map<string, { count: number; ms: number }>();
  for (const { label, ms } of profile) {
    const group = groups.get(label) ?? { count: 0, ms: 0 };
    groups.set(label, { count: group.count + 1, ms: group.ms + ms });
  }
  console.log(`\n${batch}x${length}: device time by launch, eager ${profile.reduce((sum, { ms }) => sum + ms, 0).toFixed(2)} ms`);
  for (const [label, { count, ms }] of [...groups].sort((a, b) => b[1].ms - a[1].ms).slice(0, 34))
    console.log(`${ms.toFixed(2).padStart(8)} ms ${String(count).padStart(4)} x  ${label}`);
  await session.writeState(STATE.gradients, before);
  const row = {
    shape: `${batch}x${length}`,
    compile,
    micro: median(microTimes),
    update: median(updateTimes),
    launches: micro.capturedNodes,
    losses: `${losses[0]!.toFixed(3)}>${losses.at(-1)!.toFixed(3)}`,
    norm,
    bitwise,
  };
  await micro.dispose();
  await update.dispose();
  return row;
}

const rows: Row[] = [];
const shapes = process.argv.slice(2).filter((arg) => arg !== '--mma');
for (const shape of shapes.length > 0 ? shapes : ['4x512', '8x1024']) {
  const [batch, length] = shape.split('x').map(Number) as [number, number];
  rows.push(await measure(batch, length));
}
const { weights, state, workspace } = session.memory();
console.log(
  `\n${found.backend.info.device}; states loaded in ${loaded.toFixed(0)} ms; weights ${(weights / 2 ** 20).toFixed(0)}, state ${(state / 2 ** 20).toFixed(0)}, workspace ${(workspace / 2 ** 20).toFixed(0)} MiB`,
);
console.log('shape    compile ms  micro ms  update ms  tokens/s  nodes  loss            gradNorm  eager = graph');
for (const row of rows) {
  const [batch, length] = row.shape.split('x').map(Number) as [number, number];
  const rate = ((batch * length) / (row.micro + row.update)) * 1000;
  console.log(
    `${row.shape.padEnd(8)} ${row.compile.toFixed(0).padStart(10)} ${row.micro.toFixed(2).padStart(9)} ${row.update.toFixed(2).padStart(10)} ${rate.toFixed(0).padStart(9)} ${String(row.launches).padStart(6)}  ${row.losses.padEnd(15)} ${row.norm.toFixed(4).padStart(8)}  ${row.bitwise}`,
  );
}
await session.dispose();
