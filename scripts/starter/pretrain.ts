/**
 * Pretrains the starter model by our own engine: next-token loss on fixed blocks of the corpus, AdamW, warm-up and cosine.
 *
 *   node scripts/starter/pretrain.ts --corpus corpus.u16.gz --held-out held-out.u16.gz --out <folder> \
 *     [--device cuda|cpu] [--minutes N | --steps N] [--batch 64] [--length 256] [--learning-rate 2e-3] [--seed 1] [--small]
 *
 * `--minutes` measures its speed during warm-up, fixes the number of steps and says it: `--steps` of that number gives the same
 * weights again. `pretraining.json` beside the model says what was done. The model is saved every 45 seconds, so a killed run leaves its last state. `--small` is for trying out.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { llamaModel } from '../../src/main/engine/models/llama/build.ts';
import { openBackend } from '../../src/main/engine/open-backend.ts';
import { adamw } from '../../src/main/engine/train/optim/adamw.ts';
import type { TrainingPlan } from '../../src/main/engine/train/programs.ts';
import { scheduleFactor } from '../../src/main/engine/train/schedule.ts';
import { trainableLayout, trainEverything } from '../../src/main/engine/train/trainable.ts';
import { sft } from '../../src/main/engine/train/methods/sft.ts';
import { Trainer } from '../../src/main/engine/train/trainer.ts';
import type { LlamaConfig } from '../../src/main/engine/models/llama/config.ts';
import { initialWeights } from './initial-weights.ts';
import { saveModel } from './save-model.ts';
import { STARTER_MODEL } from './starter-config.ts';
import { readTokens, shuffledForever, TokenBlocks } from './token-blocks.ts';

const OPTIMIZER = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 } as const;
const MAX_GRAD_NORM = 1;
const WARM_UP_STEPS = 100;
/** The first steps compile and warm caches; speed is measured after them. */
const UNMEASURED_STEPS = 20;
const SAVE_EVERY_MS = 45_000;
const LOG_EVERY = 20;
/** Of the minutes given, what is kept for the last evaluation and saving. */
const RESERVE_MS = 8000;
const VALIDATION_BATCHES = 4;
/** The rate ends at this share of the highest. */
const FINAL_SHARE = 0.05;

const { values: options } = parseArgs({
  options: {
    corpus: { type: 'string' },
    'held-out': { type: 'string' },
    out: { type: 'string' },
    device: { type: 'string', default: 'cuda' },
    minutes: { type: 'string' },
    steps: { type: 'string' },
    batch: { type: 'string', default: '64' },
    length: { type: 'string', default: '256' },
    'learning-rate': { type: 'string', default: '2e-3' },
    seed: { type: 'string', default: '1' },
    small: { type: 'boolean', default: false },
  },
});

function required(name: 'corpus' | 'held-out' | 'out'): string {
  const value = options[name];
  if (value === undefined) throw new Error(`--${name} is missing; see the head of scripts/starter/pretrain.ts`);
  return value;
}

function positive(name: 'batch' | 'length' | 'learning-rate' | 'seed' | 'minutes' | 'steps', text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} ${text}: must be a positive number`);
  return value;
}

function smallModel(config: LlamaConfig): LlamaConfig {
  return { ...config, hiddenSize: 128, intermediateSize: 384, layers: 4, heads: 4 };
}

async function meanNll(trainer: Trainer, blocks: TokenBlocks, numbers: readonly number[], batch: number): Promise<number> {
  let sum = 0;
  let targets = 0;
  for (let i = 0; i + batch <= numbers.length; i += batch) {
    const micro = blocks.batch(numbers.slice(i, i + batch));
    sum += (await trainer.evaluate(micro)).loss * micro.targets.length;
    targets += micro.targets.length;
  }
  return sum / targets;
}

/** `count` block numbers from `first`, wrapping around where there are fewer. */
function blockRange(first: number, count: number, total: number): number[] {
  return Array.from({ length: count }, (_, i) => (first + i) % total);
}

const started = performance.now();
const log = (text: string) => process.stdout.write(`${((performance.now() - started) / 1000).toFixed(1)}s ${text}\n`);
const out = required('out');
const [batch, length, seed] = [positive('batch', options.batch), positive('length', options.length), positive('seed', options.seed)];
const highestRate = positive('learning-rate', options['learning-rate']);
const budgetMs = options.minutes === undefined ? Infinity : positive('minutes', options.minutes) * 60_000 - RESERVE_MS;
if (options.minutes === undefined && options.steps === undefined) throw new Error('say --minutes or --steps');

const blocks = new TokenBlocks(readTokens(required('corpus')), length);
const heldOut = new TokenBlocks(readTokens(required('held-out')), length);
const validationBlocks = VALIDATION_BATCHES * batch;
const trainingBlocks = blocks.count - validationBlocks;
if (trainingBlocks < batch) throw new Error(`the corpus has only ${blocks.count} blocks of ${length} tokens`);

const config = options.small ? smallModel(STARTER_MODEL) : STARTER_MODEL;
const model = llamaModel(config);
const trainable = trainEverything(model);
const layout = trainableLayout(trainable);
const device = options.device === 'cpu' ? 'cpu' : 'cuda';
const backend = await openBackend(device, { threads: null, cacheDir: join(tmpdir(), 'tunesmith-pretraining') });
const dtype = backend.info.computeDTypes.includes('bf16') ? 'bf16' : 'f32';
const plan: TrainingPlan = { model, dtype, trainable, layout, chunkRows: device === 'cuda' ? batch * length : 1024 };
const session = await backend.open();
await session.addStates(model.constants);
const trainer = new Trainer(session, plan, sft, { optimizer: adamw(OPTIMIZER), maxGradNorm: MAX_GRAD_NORM, seed });
await trainer.load(initialWeights(layout, config.layers, seed), null);
log(`${backend.info.device}, ${dtype}; ${parameterCount()} parameters; ${trainingBlocks} blocks of ${length} tokens, ${batch} a step`);

const save = async () => saveModel(out, config, layout, (await trainer.save()).trainable);
const numbers = shuffledForever(0, trainingBlocks, seed);
let total = options.steps === undefined ? Infinity : positive('steps', options.steps);
let [step, savedAt, measuredFrom, loggedAt] = [0, performance.now(), 0, performance.now()];
while (step < total && performance.now() - started < budgetMs) {
  const micro = blocks.batch(Array.from({ length: batch }, () => numbers.next().value));
  const shape = total === Infinity ? Math.min(1, step / WARM_UP_STEPS) : scheduleFactor('cosine', step, WARM_UP_STEPS, total);
  const rate = highestRate * (step < WARM_UP_STEPS ? shape : FINAL_SHARE + (1 - FINAL_SHARE) * shape);
  const { loss, gradNorm } = await trainer.step([micro], micro.targets.length, rate, ++step);
  if (!Number.isFinite(loss)) throw new Error(`step ${step}: the loss is ${loss}`);
  const now = performance.now();
  if (step === UNMEASURED_STEPS) measuredFrom = now;
  if (step === WARM_UP_STEPS && total === Infinity) {
    const stepMs = (now - measuredFrom) / (WARM_UP_STEPS - UNMEASURED_STEPS);
    // A twentieth less, for saving and for slower moments: the cosine should reach its end.
    total = WARM_UP_STEPS + Math.max(1, Math.floor((0.95 * (budgetMs - (now - started))) / stepMs));
    log(`${stepMs.toFixed(2)} ms a step: the run has ${total} steps`);
  }
  if (step % LOG_EVERY === 0 || step === 1 || step === total) {
    const speed = Math.round(((step === 1 ? 1 : LOG_EVERY) * micro.targets.length * 1000) / (now - loggedAt));
    log(`step ${step} loss ${loss.toFixed(4)} grad ${gradNorm.toFixed(3)} rate ${rate.toExponential(2)} ${speed} tok/s`);
    loggedAt = now;
  }
  if (now - savedAt > SAVE_EVERY_MS) {
    await save();
    savedAt = performance.now();
  }
}
await save();
const validation = await meanNll(trainer, blocks, blockRange(trainingBlocks, validationBlocks, blocks.count), batch);
const questions = await meanNll(trainer, heldOut, blockRange(0, Math.max(1, Math.floor(heldOut.count / batch)) * batch, heldOut.count), batch);
const tokens = step * batch * length;
log(`done: ${step} steps, ${tokens} tokens; validation loss ${validation.toFixed(4)}, held-out questions ${questions.toFixed(4)}`);
writeFileSync(
  join(out, 'pretraining.json'),
  `${JSON.stringify(
    {
      engine: 'Tunesmith',
      backend: backend.info.kind,
      device: backend.info.device,
      dtype,
      parameters: parameterCount(),
      seed,
      batch,
      length,
      steps: step,
      plannedSteps: total,
      tokens,
      learningRate: highestRate,
      ...OPTIMIZER,
      maxGradNorm: MAX_GRAD_NORM,
      seconds: Math.round((performance.now() - started) / 1000),
      validationLoss: validation,
      heldOutQuestionsLoss: questions,
    },
    null,
    2,
  )}\n`,
);
await trainer.dispose();
await session.dispose();

function parameterCount(): number {
  return layout.entries.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}
