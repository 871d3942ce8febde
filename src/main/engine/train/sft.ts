/**
 * @file Supervised fine-tuning by LoRA, told in order: model, data, adapter, programs, steps, checkpoints. One file a method;
 * what other methods share is in the files it names.
 */
import { join } from 'node:path';
import type { MetricPoint, MetricValues } from '../../../shared/domain/metrics.ts';
import { stepCount } from '../../../shared/domain/recipe/recipe.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { BackendSession } from '../backends/backend.ts';
import { writePeftAdapter } from '../export/peft-adapter.ts';
import type { JobContext } from '../job-context.ts';
import { modelStates } from '../models/model-states.ts';
import { openModel, unusedTensorsNotice, type ModelFolder } from '../models/open-model.ts';
import type { EngineEvent, TrainJob } from '../protocol.ts';
import { loadTokenizer } from '../text/tokenizer/tokenizer.ts';
import { nonFiniteError } from '../weights/non-finite.ts';
import type { EncodedDataset } from '../data/encoded-cache.ts';
import { refuseDamaged } from './check-checkpoint.ts';
import { readCheckpoint, readTrainerState, recoverCheckpoints, writeCheckpoint, type Checkpoint } from './checkpoint.ts';
import { optimizerOf } from './optim/optimizers.ts';
import { refuseOtherRows, refuseOtherSources, runSources, withEncoded } from './run-inputs.ts';
import { positionProblem } from './state-problem.ts';
import { choosePrecision } from '../models/precision.ts';
import type { TrainingPlan } from './programs.ts';
import { CHUNK_ROWS } from './shapes.ts';
import { scheduleFactor, warmupSteps } from './schedule.ts';
import { adapterOf, startingPoint, type StartingPoint } from './starting-point.ts';
import { recipeHash } from './recipe-hash.ts';
import { LOG_TAIL, type TrainerState } from './trainer-state.ts';
import { Trainer } from './trainer.ts';
import { openTrainingData, TrainingData, type StepData } from './training-data.ts';

/** Milliseconds between two looks at the memory while steps are taken. */
const MEMORY_INTERVAL = 1000;

/** Runs a training job to its end, or to a request to stop. @throws AppError as the parts do */
export async function runSft(job: TrainJob, context: JobContext): Promise<void> {
  await recoverCheckpoints(job.outDir);
  const folder = await openModel(job.recipe.model);
  const unused = unusedTensorsNotice(folder);
  if (unused) context.emit({ kind: 'log', level: 'warning', message: unused });
  for (const message of folder.model.notices) context.emit({ kind: 'log', level: 'warning', message });
  const tokenizer = await loadTokenizer(job.recipe.model);
  const earlier = job.resumeFrom === null ? null : await earlierState(job, job.resumeFrom);
  // A measurement saves nothing.
  const sources = job.measure === undefined ? await runSources(job, folder, tokenizer) : null;
  if (earlier?.inputs && sources) refuseOtherSources(job, folder, earlier.inputs, sources);
  const autoLoss = earlier?.auto_loss ?? 'turns';
  const dataset = await openTrainingData(job, tokenizer, folder.model, context, autoLoss, earlier?.inputs?.encoded.key ?? null);
  try {
    if (earlier) refuseOtherPosition(job, dataset, earlier);
    const dated = earlier?.inputs ? refuseOtherRows(job, tokenizer, earlier.inputs, dataset) : null;
    if (dated !== null) context.emit({ kind: 'log', level: 'warning', message: dated });
    const inputs = sources && withEncoded(sources, dataset);
    const start = await startingPoint(job.recipe, folder);
    for (const message of start.notices) context.emit({ kind: 'log', level: 'warning', message });
    const checkpoint = job.resumeFrom === null ? null : await readCheckpoint(job.resumeFrom, start.layout, optimizerOf(job.recipe));
    const position = checkpoint?.trainer.data_position;
    const data = new TrainingData(dataset, job.recipe, folder.model, tokenizer.pad?.id ?? 0, { epoch: position?.epoch ?? 0, microBatch: position?.micro_batch ?? 0 });
    await new SftRun(job, context, folder, start, data, { autoLoss, inputs }).run(checkpoint);
  } finally {
    await dataset.close();
  }
}

/** A resumed run must be the run that was interrupted, or its proof (equal losses) would be worth nothing. */
async function earlierState({ recipe }: TrainJob, resumeFrom: string): Promise<TrainerState> {
  await refuseDamaged(resumeFrom, recipe);
  const state = await readTrainerState(resumeFrom);
  if (state.recipe_hash === recipeHash(recipe)) return state;
  throw new AppError({
    code: 'RESUME-RECIPE',
    message: `${resumeFrom}: this checkpoint was written with other settings than those given now.`,
    remedy: 'Resume with the recipe that the run was started with, or start a new run from its adapter.',
  });
}

/** The rows decide after how many steps an epoch ends. */
function refuseOtherPosition({ recipe, resumeFrom }: TrainJob, { rows }: EncodedDataset, state: TrainerState): void {
  const problem = positionProblem(state, Math.ceil(rows / recipe.per_device_train_batch_size), recipe.gradient_accumulation_steps);
  if (problem !== null) throw new AppError({ code: 'CHECKPOINT-DAMAGED', message: `${resumeFrom}: ${problem}.`, data: { path: resumeFrom }, remedy: 'Remove this checkpoint, then resume: the run goes on from the one before it.' });
}

/** What goes into each checkpoint unchanged. */
interface Kept {
  readonly autoLoss: TrainerState['auto_loss'];
  readonly inputs: TrainerState['inputs'];
}

class SftRun {
  readonly #job: TrainJob;
  readonly #context: JobContext;
  readonly #folder: ModelFolder;
  readonly #start: StartingPoint;
  readonly #kept: Kept;
  readonly #data: TrainingData;
  readonly #started = performance.now();
  #log: MetricPoint[] = [];
  #tokensSeen = 0;
  #lossSum = 0;

  constructor(job: TrainJob, context: JobContext, folder: ModelFolder, start: StartingPoint, data: TrainingData, kept: Kept) {
    this.#kept = kept;
    this.#job = job;
    this.#context = context;
    this.#folder = folder;
    this.#start = start;
    this.#data = data;
  }

  async run(checkpoint: Checkpoint | null): Promise<void> {
    const { backend, emit, stop } = this.#context;
    const session = await backend.open();
    try {
      const dtype = choosePrecision(this.#job.recipe.precision, backend.info);
      await session.addStates(modelStates(this.#folder, dtype), (done, total) => emit({ kind: 'progress', phase: 'loading', done, total }));
      const plan: TrainingPlan = { model: this.#folder.model, dtype, trainable: this.#start.trainable, layout: this.#start.layout, chunkRows: CHUNK_ROWS };
      const { seed, max_grad_norm: maxGradNorm } = this.#job.recipe;
      const trainer = new Trainer(session, plan, { optimizer: optimizerOf(this.#job.recipe), maxGradNorm, seed });
      await trainer.load(checkpoint?.flat.trainable ?? this.#start.values, checkpoint?.flat.slots ?? null);
      await trainer.prepare(this.#data.buckets, (done, total) => emit({ kind: 'progress', phase: 'compiling', done, total }));
      this.#log = [...(checkpoint?.trainer.log_history ?? [])];
      this.#tokensSeen = checkpoint?.trainer.tokens_seen ?? 0;
      this.#announce(dtype, checkpoint?.trainer.global_step ?? 0);
      const tellMemory = memoryTeller(session, emit);
      tellMemory(0);
      const { measure } = this.#job;
      const end = measure === undefined
        ? await this.#steps(trainer, checkpoint?.trainer.global_step ?? 0, stop, tellMemory)
        : await this.#measure(trainer, measure.steps, stop);
      tellMemory(0);
      emit(end);
    } finally {
      await session.dispose();
    }
  }

  async #steps(trainer: Trainer, done: number, stop: AbortSignal, tellMemory: (interval: number) => void): Promise<EngineEvent> {
    const { emit } = this.#context;
    const { totalSteps } = this.#data.steps;
    const saveEvery = stepCount(this.#job.recipe.save_steps, totalSteps);
    for (let step = done + 1; step <= totalSteps; step++) {
      const data = await this.#data.next();
      await this.#step(trainer, step, data);
      tellMemory(MEMORY_INTERVAL);
      const last = step === totalSteps;
      if (last || stop.aborted || step % saveEvery === 0) {
        const path = await this.#save(trainer, step, data);
        emit({ kind: 'checkpoint', step, path });
        if (stop.aborted && !last) return { kind: 'stopped', step, checkpoint: path };
      }
    }
    const adapter = join(this.#job.outDir, 'adapter');
    await writePeftAdapter(adapter, adapterOf(this.#start, (await trainer.save()).trainable));
    const trainLoss = totalSteps > done ? this.#lossSum / (totalSteps - done) : null;
    return { kind: 'finished', result: { adapter, steps: totalSteps, trainLoss, seconds: this.#seconds() } };
  }

  /** Steps as the run would take them, and its largest shape: the peak is that of a whole run. */
  async #measure(trainer: Trainer, steps: number, stop: AbortSignal): Promise<EngineEvent> {
    const count = Math.min(steps, this.#data.steps.totalSteps);
    for (let step = 1; step <= count && !stop.aborted; step++) await this.#step(trainer, step, await this.#data.next());
    if (stop.aborted) return { kind: 'stopped', step: 0, checkpoint: null };
    await trainer.tryShape(this.#data.buckets.at(-1)!);
    return { kind: 'finished', result: { adapter: null, steps: count, trainLoss: null, seconds: this.#seconds() } };
  }

  async #step(trainer: Trainer, step: number, data: StepData): Promise<void> {
    const began = performance.now();
    const learningRate = this.#learningRate(step);
    const { loss, gradNorm } = await trainer.step(data.batches, data.targetTokens, learningRate, step);
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) throw await nonFiniteError(this.#folder, `Step ${step}`, notFinite(step, loss, gradNorm, learningRate));
    this.#tokensSeen += data.tokens;
    this.#lossSum += loss;
    const values: MetricValues = {
      epoch: this.#epochsDone(data),
      loss,
      grad_norm: gradNorm,
      learning_rate: learningRate,
      num_tokens: this.#tokensSeen,
      target_tokens: data.targetTokens,
      seconds: (performance.now() - began) / 1000,
      elapsed_seconds: this.#seconds(),
    };
    this.#log = [...this.#log, { step, values: logged(values) }].slice(-LOG_TAIL);
    this.#context.emit({ kind: 'metrics', steps: [{ step, values }] });
  }

  /** Spec 2.9: whole epochs plus the share of the current one's micro-batches. */
  #epochsDone({ next }: StepData): number {
    return next.epoch + next.microBatch / this.#data.steps.microBatchesPerEpoch;
  }

  /** Rate of 1-based step `step`: the schedule counts from 0 (spec 5.4). */
  #learningRate(step: number): number {
    const { learning_rate: base, lr_scheduler_type: name, warmup_steps: warmup } = this.#job.recipe;
    const { totalSteps } = this.#data.steps;
    return base * scheduleFactor(name, step - 1, warmupSteps(warmup, totalSteps), totalSteps);
  }

  async #save(trainer: Trainer, step: number, data: StepData): Promise<string> {
    const flat = await trainer.save();
    // A resumed run goes on after this step: what led to it must be with the host before the checkpoint can be.
    this.#context.flush();
    return writeCheckpoint(this.#job.outDir, {
      layout: this.#start.layout,
      flat,
      adapter: adapterOf(this.#start, flat.trainable),
      saveTotalLimit: this.#job.recipe.save_total_limit,
      trainer: {
        global_step: step,
        max_steps: this.#data.steps.totalSteps,
        epoch: this.#epochsDone(data),
        data_position: { epoch: data.next.epoch, micro_batch: data.next.microBatch },
        // Order and dropout are functions of the seed and the step, so the seed is the whole random state.
        rng: { seed: this.#job.recipe.seed },
        tokens_seen: this.#tokensSeen,
        log_history: this.#log,
        auto_loss: this.#kept.autoLoss,
        inputs: this.#kept.inputs,
        recipe_hash: recipeHash(this.#job.recipe),
      },
    });
  }

  #announce(precision: 'f32' | 'bf16', firstStep: number): void {
    const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
    const trainableParameters = this.#start.layout.entries.reduce((sum, entry) => sum + elements(entry.shape), 0);
    const baseParameters = [...this.#folder.tensors.values()].reduce((sum, tensor) => sum + elements(tensor.shape), 0);
    this.#context.emit({
      kind: 'started',
      device: this.#context.backend.info.device,
      precision,
      totalSteps: this.#data.steps.totalSteps,
      firstStep,
      epochs: this.#data.steps.totalSteps / this.#data.steps.stepsPerEpoch,
      trainableParameters,
      totalParameters: baseParameters + trainableParameters,
    });
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }
}

/** What a checkpoint keeps: not the clock, so that a run that was resumed leaves the same bytes. */
function logged(all: MetricValues): MetricValues {
  const { seconds: _, elapsed_seconds: __, ...values } = all;
  return values;
}

/** Tells what the device holds when its peak has grown, unless that was looked at less than `interval` ago. */
function memoryTeller(session: BackendSession, emit: JobContext['emit']): (interval: number) => void {
  let [peak, lookedAt] = [-1, -Infinity];
  return (interval) => {
    if (performance.now() - lookedAt < interval) return;
    lookedAt = performance.now();
    const memory = session.memory();
    if (memory.peak <= peak) return;
    peak = memory.peak;
    emit({ kind: 'memory', memory });
  };
}

function notFinite(step: number, loss: number, gradNorm: number, learningRate: number): AppError {
  return new AppError({
    code: 'E-NAN',
    message: `Step ${step}: the loss is ${loss} and the gradient norm ${gradNorm}, at learning rate ${learningRate}. Training has left the range of numbers.`,
    data: { step, loss: String(loss), gradNorm: String(gradNorm), learningRate },
    remedy: 'Resume from the last checkpoint with a lower learning rate, or train in f32.',
  });
}
