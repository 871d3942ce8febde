/**
 * @file One LoRA training step on the CPU (all-linear, r = 16, AdamW, clip 1.0, full random rows) against a peer script that
 * does the same, in alternation on one machine:
 * `npm run bench -- cpu-step --model FOLDER [--batch 4] [--length 256] [--steps 6] [--rounds 2] [--threads N]
 *   [--chunk-rows 256] [--profile PREFIX] [--python PYTHON --peer-script FILE]`
 * The peer is called as `PYTHON FILE MODEL BATCH LENGTH STEPS [--threads N]` and prints one JSON line with `step_s`.
 */
import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import type { BackendSession, Feeds, HostTensor, Program, StateSpec } from '../src/main/engine/backends/backend.ts';
import { createOnnxBackend } from '../src/main/engine/backends/onnx/backend.ts';
import { selectLoraTargets } from '../src/main/engine/train/lora-targets.ts';
import type { Bucket } from '../src/main/engine/data/batch.ts';
import { adamw } from '../src/main/engine/train/optim/adamw.ts';
import { buildMicroStep, buildUpdate, STATE, type TrainingPlan } from '../src/main/engine/train/programs.ts';
import { trainableLayout, trainAdapters } from '../src/main/engine/train/trainable.ts';
import { modelStates } from '../src/main/engine/models/model-states.ts';
import { openModel, type ModelFolder } from '../src/main/engine/models/open-model.ts';

interface Settings {
  readonly model: string;
  readonly batch: number;
  readonly length: number;
  readonly steps: number;
  readonly rounds: number;
  readonly threads: number | null;
  readonly chunkRows: number;
  readonly profile: string | null;
  readonly peer: { readonly python: string; readonly script: string } | null;
}

/** What the peer prints too; a step is the wall-clock median after the first two. */
interface Measured {
  readonly peer: string;
  readonly step_s: number;
  readonly tok_s: number;
  readonly [detail: string]: unknown;
}

const OPTIMIZER = adamw({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 });
/** The first runs touch new memory for the first time. */
const WARMUP = 2;

export async function cpuStep(args: readonly string[]): Promise<void> {
  const settings = readSettings(args);
  const ours: number[] = [];
  const peers: number[] = [];
  for (let round = 0; round < settings.rounds; round++) {
    ours.push(report(await measureOurs(settings)));
    if (settings.peer) peers.push(report(await measurePeer(settings, settings.peer)));
  }
  if (peers.length === 0) return;
  const ratio = (peer: number, own: number) => Number((peer / own).toFixed(3));
  const each = peers.map((peer, round) => ratio(peer, ours[round]!));
  // A round during which other processes held the cores says nothing of either side: the best of each is the fairest single figure.
  const best = ratio(Math.min(...peers), Math.min(...ours));
  console.log(JSON.stringify({ ratio: best, of: 'best peer step time / our best step time', median: ratio(median(peers), median(ours)), each }));
}

function report(measured: Measured): number {
  console.log(JSON.stringify(measured));
  return measured.step_s;
}

function readSettings(args: readonly string[]): Settings {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: text,
      batch: text,
      length: text,
      steps: text,
      rounds: text,
      threads: text,
      'chunk-rows': text,
      profile: text,
      python: text,
      'peer-script': text,
    },
  });
  if (!values.model) throw new Error('--model FOLDER is needed');
  const count = (value: string | undefined, fallback: number) => (value === undefined ? fallback : Number(value));
  return {
    model: values.model,
    batch: count(values.batch, 4),
    length: count(values.length, 256),
    steps: count(values.steps, 6),
    rounds: count(values.rounds, 2),
    threads: values.threads === undefined ? null : Number(values.threads),
    chunkRows: count(values['chunk-rows'], 256),
    profile: values.profile ?? null,
    peer: values.python && values['peer-script'] ? { python: values.python, script: values['peer-script'] } : null,
  };
}

async function measurePeer(
  { model, batch, length, steps, threads }: Settings,
  peer: { readonly python: string; readonly script: string },
): Promise<Measured> {
  const args = [peer.script, model, batch, length, steps, ...(threads === null ? [] : ['--threads', threads])].map(String);
  const { stdout } = await promisify(execFile)(peer.python, args);
  const line = stdout.trim().split('\n').at(-1) ?? '';
  return { ...(JSON.parse(line) as Measured), load: load() };
}

async function measureOurs(settings: Settings): Promise<Measured> {
  const folder = await openModel(settings.model);
  const backend = createOnnxBackend({
    ...(settings.threads === null ? {} : { threads: settings.threads }),
    ...(settings.profile === null ? {} : { profilePrefix: settings.profile }),
  });
  const session = await backend.open();
  try {
    const { steps, losses, cpu } = await train(session, folder, settings);
    const step = median(steps.slice(WARMUP));
    return {
      peer: `ours: ${backend.info.device}`,
      batch: settings.batch,
      length: settings.length,
      step_s: Number(step.toFixed(3)),
      tok_s: Number(((settings.batch * settings.length) / step).toFixed(1)),
      cpu_s: Number(median(cpu.slice(WARMUP)).toFixed(3)),
      peak_rss_gib: Number((process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)),
      first_step_s: Number(steps[0]!.toFixed(2)),
      loss: [losses[0]!, losses.at(-1)!].map((loss) => Number(loss.toFixed(3))),
      load: load(),
    };
  } finally {
    await session.dispose();
  }
}

interface Trained {
  /** Wall-clock seconds. */
  readonly steps: readonly number[];
  /** Seconds of processor time. */
  readonly cpu: readonly number[];
  readonly losses: readonly number[];
}

async function train(session: BackendSession, folder: ModelFolder, settings: Settings): Promise<Trained> {
  const plan = planOf(folder, settings.chunkRows);
  const bucket: Bucket = { batch: settings.batch, length: settings.length, rows: settings.batch * (settings.length - 1) };
  const random = uniform(1);
  await session.addStates([...modelStates(folder, 'f32'), ...trainingStates(plan, random)]);
  const micro = await session.compile(buildMicroStep(plan, bucket));
  const update = await session.compile(buildUpdate(plan, OPTIMIZER, 1));
  const trained = { steps: [] as number[], cpu: [] as number[], losses: [] as number[] };
  for (let step = 1; step <= settings.steps + WARMUP; step++) {
    const feeds = batchFeeds(folder.model.sizes.vocabSize, bucket, random);
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    trained.losses.push(await trainStep(micro, update, feeds, step));
    trained.steps.push((performance.now() - start) / 1e3);
    const { user, system } = process.cpuUsage(cpu);
    trained.cpu.push((user + system) / 1e6);
  }
  return trained;
}

async function trainStep(micro: Program, update: Program, feeds: Feeds, step: number): Promise<number> {
  const { loss } = await micro.run(feeds);
  const scalars = Object.entries(OPTIMIZER.scalars(step, 2e-4)).map(([name, value]) => [name, scalar(value)] as const);
  const { gradNorm } = await update.run(Object.fromEntries(scalars));
  if (!(gradNorm!.data[0]! > 0)) throw new Error(`step ${step}: gradient norm ${gradNorm!.data[0]}`);
  return loss!.data[0]!;
}

function planOf({ model }: ModelFolder, chunkRows: number): TrainingPlan {
  const selection = { targetModules: 'all-linear', rank: 16, alpha: 32, rsLora: false } as const;
  const trainable = trainAdapters(selectLoraTargets(model.linears, selection), 0);
  return { model, dtype: 'f32', trainable, layout: trainableLayout(trainable), chunkRows };
}

/** A random, B zero, as PEFT starts. */
function trainingStates({ layout }: TrainingPlan, random: () => number): readonly StateSpec[] {
  const flat = new Float32Array(layout.size);
  for (const { name, shape, offset } of layout.entries) {
    if (!name.includes('lora_A')) continue;
    const bound = 1 / Math.sqrt(shape[1]!);
    for (let i = 0; i < shape[0]! * shape[1]!; i++) flat[offset + i] = (2 * random() - 1) * bound;
  }
  const zeros = [STATE.gradients, ...OPTIMIZER.slots.map(({ name }) => name)].map((name) => stateOf(name, new Float32Array(layout.size), 'variable'));
  return [stateOf(STATE.trainable, flat, 'variable'), ...zeros];
}

function stateOf(name: string, data: Float32Array, role: StateSpec['role']): StateSpec {
  const tensor: HostTensor = { dtype: 'f32', shape: [data.length], data };
  return { name, type: { dtype: 'f32', shape: [data.length] }, source: { kind: 'values', tensor }, role };
}

/** Random tokens; every token is the label of the one before it. */
function batchFeeds(vocabSize: number, { batch, length, rows }: Bucket, random: () => number): Feeds {
  const ids = Int32Array.from({ length: batch * length }, () => Math.floor(random() * vocabSize));
  const positions = Int32Array.from({ length: rows }, (_, row) => row + Math.floor(row / (length - 1)));
  return {
    ids: { dtype: 'i32', shape: [batch, length], data: ids },
    rows: { dtype: 'i32', shape: [rows], data: positions },
    targets: { dtype: 'i32', shape: [rows], data: positions.map((position) => ids[position + 1]!) },
    inverseTokens: scalar(1 / rows),
  };
}

function scalar(value: number): HostTensor {
  return { dtype: 'f32', shape: [], data: Float32Array.of(value) };
}

/** mulberry32 (T. Ettinger): the same data on every run. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function load(): number {
  return Number(loadavg()[0]!.toFixed(1));
}
