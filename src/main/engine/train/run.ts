/**
 * @file A training run told in order: model, data, what is trained, programs, steps, checkpoints. It knows no method: what is learned
 * from a row, by what programs, and what their outputs mean is in method.ts and methods/.
 */
import { join } from 'node:path';
import type { MetricValues } from '../../../shared/domain/metrics.ts';
import { stepCount, type Recipe } from '../../../shared/domain/recipe/recipe.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { BackendSession } from '../backends/backend.ts';
import type { JobContext } from '../job-context.ts';
import { openModel, unusedTensorsNotice, type ModelFolder } from '../models/open-model.ts';
import { choosePrecision } from '../models/precision.ts';
import type { EngineEvent, TrainJob } from '../protocol.ts';
import { loadTokenizer } from '../text/tokenizer/tokenizer.ts';
import { refuseDamaged } from './check-checkpoint.ts';
import { BestModel } from './best-model.ts';
import { readCheckpoint, readTrainerState, recoverCheckpoints, writeCheckpoint, type Checkpoint } from './checkpoint.ts';
import { Evaluation, isEvaluated } from './evaluation.ts';
import { memoryTeller } from './memory-teller.ts';
import type { Method, MethodData } from './method.ts';
import { optimizerOf } from './optim/optimizers.ts';
import type { TrainingPlan } from './programs.ts';
import { refuseOtherSources, runSources } from './run-inputs.ts';
import { RunMetrics } from './run-metrics.ts';
import { scheduleFactor, warmupSteps } from './schedule.ts';
import { CHUNK_ROWS } from './shapes.ts';
import { startingPoint, type StartingPoint } from './starting-point.ts';
import { recipeHash } from './recipe-hash.ts';
import type { TrainerState } from './trainer-state.ts';
import { Trainer } from './trainer.ts';
import type { StepData, TrainingData } from './training-data.ts';

/** Milliseconds between two looks at the memory while steps are taken. */
const MEMORY_INTERVAL = 1000;

/** Runs a training job to its end, or to a request to stop. @throws AppError as the parts do */
export async function runTraining(job: TrainJob, context: JobContext, method: Method): Promise<void> {
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
  const data = await method.open({ job, context, folder, tokenizer, earlier });
  try {
    const start = await startingPoint(job.recipe, folder, tokenizer);
    for (const message of start.notices) context.emit({ kind: 'log', level: 'warning', message });
    const checkpoint = job.resumeFrom === null ? null : await readCheckpoint(job.resumeFrom, start.layout, optimizerOf(job.recipe));
    const kept = { ...data.kept, inputs: sources && data.inputs(sources) };
    await new Run({ job, context, method, folder, start, data, kept }, checkpoint).run();
  } finally {
    await data.close();
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
    remedy: 'Resume with the recipe that the run was started with, or start a new run from what it saved.',
  });
}

interface RunParts {
  readonly job: TrainJob;
  readonly context: JobContext;
  readonly method: Method;
  readonly folder: ModelFolder;
  readonly start: StartingPoint;
  readonly data: MethodData;
  /** What goes into each checkpoint unchanged. */
  readonly kept: Pick<TrainerState, 'auto_loss' | 'inputs'>;
}

/** What compiling throws where a device has too little. */
const NO_MEMORY = 'CUDA-MEMORY';

class Run {
  readonly #parts: RunParts;
  readonly #checkpoint: Checkpoint | null;
  readonly #batches: TrainingData;
  readonly #evaluation: Evaluation | null;
  readonly #best: BestModel;
  readonly #metrics: RunMetrics;
  readonly #started = performance.now();

  constructor(parts: RunParts, checkpoint: Checkpoint | null) {
    this.#parts = parts;
    this.#checkpoint = checkpoint;
    const position = checkpoint?.trainer.data_position;
    this.#batches = parts.data.batches({ epoch: position?.epoch ?? 0, microBatch: position?.micro_batch ?? 0 });
    this.#evaluation = parts.data.evaluation && new Evaluation(parts.data.evaluation);
    this.#best = new BestModel(parts.job.recipe, checkpoint?.trainer ?? null);
    this.#metrics = new RunMetrics(parts.folder, checkpoint?.trainer ?? null);
  }

  async run(): Promise<void> {
    const {
      job,
      context: { backend, emit, stop },
      start,
    } = this.#parts;
    const session = await backend.open();
    try {
      const dtype = choosePrecision(job.recipe.precision, backend.info);
      await session.addStates(start.constants(dtype), (done, total) => emit({ kind: 'progress', phase: 'loading', done, total }));
      const trainer = await this.#trainer(session, dtype);
      const done = this.#checkpoint?.trainer.global_step ?? 0;
      this.#announce(dtype, done);
      const tellMemory = memoryTeller(session, emit);
      tellMemory(0);
      const end =
        job.measure === undefined ? await this.#steps(trainer, done, stop, tellMemory) : await this.#measure(trainer, job.measure.steps, stop);
      tellMemory(0);
      emit(end);
    } finally {
      await session.dispose();
    }
  }

  /** With its programs compiled. Where what layers compute does not fit beside the rest, `auto` lets them compute it again: the same results. */
  async #trainer(session: BackendSession, dtype: 'f32' | 'bf16'): Promise<Trainer> {
    const {
      job: { recipe, measure },
      context: { emit },
      method,
      folder,
      start,
    } = this.#parts;
    const { seed, max_grad_norm: maxGradNorm, gradient_checkpointing: checkpointing } = recipe;
    const settings = { optimizer: optimizerOf(recipe), maxGradNorm, seed };
    const plan: TrainingPlan = { model: folder.model, dtype, trainable: start.trainable, layout: start.layout, chunkRows: CHUNK_ROWS };
    const evaluated = measure === undefined ? (this.#evaluation?.buckets ?? []) : [];
    const compile = (trainer: Trainer) =>
      trainer.prepare(this.#batches.buckets, evaluated, (done, total) => emit({ kind: 'progress', phase: 'compiling', done, total }));
    const trainer = new Trainer(session, { ...plan, recompute: checkpointing === 'per_layer' }, method, settings);
    await trainer.load(this.#checkpoint?.flat.trainable ?? start.values, this.#checkpoint?.flat.slots ?? null);
    try {
      await compile(trainer);
      return trainer;
    } catch (error) {
      if (checkpointing !== 'auto' || !(error instanceof AppError) || error.code !== NO_MEMORY) throw error;
      await trainer.dispose();
    }
    emit({
      kind: 'log',
      level: 'info',
      message:
        'What layers compute does not fit into the memory of the device: each layer is computed again where it is needed (gradient checkpointing), which takes longer.',
    });
    const leaner = new Trainer(session, { ...plan, recompute: true }, method, settings);
    await compile(leaner);
    return leaner;
  }

  async #steps(trainer: Trainer, done: number, stop: AbortSignal, tellMemory: (interval: number) => void): Promise<EngineEvent> {
    const {
      job: { recipe },
      context: { emit },
    } = this.#parts;
    const { totalSteps } = this.#batches.steps;
    const saveEvery = stepCount(recipe.save_steps, totalSteps);
    let step = done;
    for (let ends = step >= totalSteps || this.#best.isOver; !ends;) {
      const data = await this.#batches.next();
      await this.#take(trainer, ++step, data);
      const elapsed = this.#seconds();
      const evaluated = await this.#evaluate(trainer, step, data);
      const verdict = this.#best.evaluated(step, evaluated);
      ends = step === totalSteps || verdict.endsRun;
      this.#tell(step, ends || step % recipe.logging_steps === 0, evaluated, elapsed);
      tellMemory(MEMORY_INTERVAL);
      if (verdict.endsRun && step < totalSteps) emit({ kind: 'log', level: 'info', message: endsEarly(recipe, step) });
      // The best is there when the run ends, whatever the rhythm of saving.
      if (ends || stop.aborted || step % saveEvery === 0 || (verdict.isBest && recipe.load_best_model_at_end)) {
        const path = await this.#save(trainer, step, data);
        emit({ kind: 'checkpoint', step, path });
        if (stop.aborted && !ends) return { kind: 'stopped', step, checkpoint: path };
      }
    }
    return this.#finish(trainer, step);
  }

  async #evaluate(trainer: Trainer, step: number, data: StepData): Promise<MetricValues> {
    const {
      job: { recipe },
      context: { emit },
    } = this.#parts;
    if (this.#evaluation === null || !isEvaluated(recipe, step, this.#batches.steps.totalSteps, data)) return {};
    return this.#evaluation.run(trainer, step, (done, total) => emit({ kind: 'progress', phase: 'evaluating', done, total }));
  }

  /** What the run yields: its last weights, or those of its best checkpoint. */
  async #finish(trainer: Trainer, step: number): Promise<EngineEvent> {
    const {
      job: { recipe, outDir },
      context: { emit },
      start,
    } = this.#parts;
    const { best_global_step: bestStep, best_metric: metric } = this.#best.state;
    const fromBest = recipe.load_best_model_at_end && bestStep !== null && bestStep !== step;
    const trainable = fromBest
      ? (await readCheckpoint(join(outDir, `checkpoint-${bestStep}`), start.layout, optimizerOf(recipe))).flat.trainable
      : (await trainer.save()).trainable;
    if (fromBest)
      emit({
        kind: 'log',
        level: 'info',
        message: `The best checkpoint is that of step ${bestStep} (${this.#best.name} ${metric}): it is what the run yields.`,
      });
    const outcome = { kind: start.yields, folder: join(outDir, start.yields) };
    await start.write(outcome.folder, trainable);
    return { kind: 'finished', result: { outcome, steps: step, trainLoss: this.#metrics.meanLoss, seconds: this.#seconds() } };
  }

  /** Steps as the run would take them, and its largest shape: the peak is that of a whole run. */
  async #measure(trainer: Trainer, steps: number, stop: AbortSignal): Promise<EngineEvent> {
    const count = Math.min(steps, this.#batches.steps.totalSteps);
    for (let step = 1; step <= count && !stop.aborted; step++) {
      await this.#take(trainer, step, await this.#batches.next());
      this.#tell(step, true, {}, this.#seconds());
    }
    if (stop.aborted) return { kind: 'stopped', step: 0, checkpoint: null };
    await trainer.tryShape(this.#batches.buckets.at(-1)!);
    return { kind: 'done', seconds: this.#seconds() };
  }

  async #take(trainer: Trainer, step: number, data: StepData): Promise<void> {
    const began = performance.now();
    const learningRate = this.#learningRate(step);
    const result = await trainer.step(data.batches, data.targetTokens, learningRate, step);
    await this.#metrics.add(step, { ...result, data, learningRate, epoch: this.#epochsDone(data), seconds: (performance.now() - began) / 1000 });
  }

  #tell(step: number, isDue: boolean, evaluated: MetricValues, elapsed: number): void {
    this.#parts.context.emit({ kind: 'metrics', steps: [this.#metrics.point(step, isDue, evaluated, elapsed)] });
  }

  /** Spec 2.9: whole epochs plus the share of the current one's micro-batches. */
  #epochsDone({ next }: StepData): number {
    return next.epoch + next.microBatch / this.#batches.steps.microBatchesPerEpoch;
  }

  /** Rate of 1-based step `step`: the schedule counts from 0 (spec 5.4). */
  #learningRate(step: number): number {
    const { learning_rate: base, lr_scheduler_type: name, warmup_steps: warmup } = this.#parts.job.recipe;
    const { totalSteps } = this.#batches.steps;
    return base * scheduleFactor(name, step - 1, warmupSteps(warmup, totalSteps), totalSteps);
  }

  async #save(trainer: Trainer, step: number, data: StepData): Promise<string> {
    const { job, context, start, kept } = this.#parts;
    const flat = await trainer.save();
    // A resumed run goes on after this step: what led to it must be with the host before the checkpoint can be.
    context.flush();
    return writeCheckpoint(job.outDir, {
      layout: start.layout,
      flat,
      writeOutcome: (path, options) => start.write(path, flat.trainable, options),
      saveTotalLimit: job.recipe.save_total_limit,
      best: this.#best.state.best_global_step,
      trainer: {
        global_step: step,
        max_steps: this.#batches.steps.totalSteps,
        epoch: this.#epochsDone(data),
        data_position: { epoch: data.next.epoch, micro_batch: data.next.microBatch },
        // Order and dropout are functions of the seed and the step, so the seed is the whole random state.
        rng: { seed: job.recipe.seed },
        ...this.#metrics.state(),
        ...this.#best.state,
        ...kept,
        recipe_hash: recipeHash(job.recipe),
      },
    });
  }

  #announce(precision: 'f32' | 'bf16', firstStep: number): void {
    const { context, start, folder } = this.#parts;
    const { totalSteps, stepsPerEpoch } = this.#batches.steps;
    const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
    const trainableParameters = start.layout.entries.reduce((sum, entry) => sum + elements(entry.shape), 0);
    const baseParameters = [...folder.tensors.values()].reduce((sum, tensor) => sum + elements(tensor.shape), 0);
    context.emit({
      kind: 'started',
      device: context.backend.info.device,
      precision,
      totalSteps,
      firstStep,
      epochs: totalSteps / stepsPerEpoch,
      trainableParameters,
      totalParameters: start.yields === 'model' ? baseParameters : baseParameters + trainableParameters,
    });
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }
}

function endsEarly({ early_stopping_patience: patience }: Recipe, step: number): string {
  return `Stopped early after step ${step}: ${patience === 1 ? 'an evaluation has' : `${patience} evaluations in a row have`} brought no improvement.`;
}
