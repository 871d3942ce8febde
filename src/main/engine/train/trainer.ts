/**
 * @file Optimizer steps over a backend session: compiles the programs of a plan as shapes come up, runs micro-steps and the
 * update. Knows nothing of files, datasets or text.
 */
import type { BackendSession, HostTensor, Pending, Program, StateSpec } from '../backends/backend.ts';
import { emptyBatch, type Batch, type Bucket } from '../data/batch.ts';
import type { FlatState } from './checkpoint.ts';
import { slotsOf, type Optimizer } from './optim/optimizer.ts';
import { scalarOf, type Measured, type Method } from './method.ts';
import { buildUpdate, bucketName, STATE, type TrainingPlan } from './programs.ts';

export interface StepResult {
  /** Of each micro-batch. */
  readonly measured: readonly Measured[];
  /** Their sum. */
  readonly loss: number;
  /** Before clipping. */
  readonly gradNorm: number;
}

export interface PendingStep {
  read(): Promise<StepResult>;
}

export interface TrainerSettings {
  readonly optimizer: Optimizer;
  /** 0 turns clipping off. */
  readonly maxGradNorm: number;
  /** Of the dropout. */
  readonly seed: number;
}

export class Trainer {
  readonly #session: BackendSession;
  readonly #plan: TrainingPlan;
  readonly #method: Method;
  readonly #settings: TrainerSettings;
  readonly #programs = new Map<string, Program>();

  /** @param session holds the base weights already */
  constructor(session: BackendSession, plan: TrainingPlan, method: Method, settings: TrainerSettings) {
    this.#session = session;
    this.#plan = plan;
    this.#method = method;
    this.#settings = settings;
  }

  /** Puts the trainable vector and the optimizer's slots in place; gradients start at zero, and so do slots that are not given. */
  async load(trainable: Float32Array, slots: FlatState['slots'] | null): Promise<void> {
    const { layout } = this.#plan;
    const variable = (name: string, size: number, data: Float32Array | null): StateSpec => {
      const type = { dtype: 'f32', shape: [size] } as const;
      return { name, type, role: 'variable', source: data === null ? { kind: 'zeros' } : { kind: 'values', tensor: { ...type, data } } };
    };
    await this.#session.addStates([
      variable(STATE.trainable, layout.size, trainable),
      ...slotsOf(this.#settings.optimizer, layout).map(({ name, size }) => variable(name, size, slots === null ? null : slots[name]!)),
      variable(STATE.gradients, layout.size, null),
    ]);
  }

  async save(): Promise<FlatState> {
    const read = async (name: string) => (await this.#session.readState(name)).data as Float32Array;
    const slots: Record<string, Float32Array> = {};
    for (const { name } of slotsOf(this.#settings.optimizer, this.#plan.layout)) slots[name] = await read(name);
    return { trainable: await read(STATE.trainable), slots };
  }

  /** Compiles ahead what `step` and `evaluate` would compile at first use. */
  async prepare(buckets: readonly Bucket[], evaluated: readonly Bucket[], onProgress: (done: number, total: number) => void): Promise<void> {
    const total = buckets.length + evaluated.length + 1;
    onProgress(0, total);
    for (const [i, bucket] of buckets.entries()) {
      await this.#microStep(bucket);
      onProgress(i + 1, total);
    }
    for (const [i, bucket] of evaluated.entries()) {
      await this.#evaluate(bucket);
      onProgress(buckets.length + i + 1, total);
    }
    await this.#update();
    onProgress(total, total);
  }

  /**
   * One optimizer step (spec 5.1): gradients of all micro-batches add up, scaled by the step's target count. A step of rows that
   * hold nothing but their end has no target: loss and gradients are 0, as TRL logs it.
   * @param step 1-based number of this step: the optimizer's t
   */
  async step(batches: readonly Batch[], targetTokens: number, learningRate: number, step: number): Promise<StepResult> {
    return (await this.begin(batches, targetTokens, learningRate, step)).read();
  }

  /** As `step`, all of it asked for and nothing waited for: the next step may begin before this one is read. */
  async begin(batches: readonly Batch[], targetTokens: number, learningRate: number, step: number): Promise<PendingStep> {
    const parts: { readonly batch: Batch; readonly run: Pending }[] = [];
    for (const [i, batch] of batches.entries()) {
      const program = await this.#microStep(batch.bucket);
      const dropoutSeed = this.#hasDropout() ? { dropoutSeed: i32([this.#settings.seed, step * 65_536 + i], [2]) } : {};
      parts.push({
        batch,
        run: program.enqueue({ ...batchFeeds(batch), inverseTokens: f32(targetTokens === 0 ? 0 : 1 / targetTokens), ...dropoutSeed }),
      });
    }
    const scalars = Object.entries(this.#settings.optimizer.scalars(step, learningRate)).map(([name, value]) => [name, f32(value)] as const);
    const update = (await this.#update()).enqueue(Object.fromEntries(scalars));
    return {
      read: async () => {
        const measured: Measured[] = [];
        for (const { batch, run } of parts) measured.push(this.#method.measured(batch, await run.read()));
        const gradNorm = scalarOf(await update.read(), 'gradNorm');
        return { measured, loss: measured.reduce((sum, { loss }) => sum + loss, 0), gradNorm };
      },
    };
  }

  /** Computes a micro-batch of padding: what it takes is what a full one takes. Only for a run that is thrown away. */
  async tryShape(bucket: Bucket): Promise<void> {
    const dropoutSeed = this.#hasDropout() ? { dropoutSeed: i32([this.#settings.seed, 0], [2]) } : {};
    await (await this.#microStep(bucket)).run({ ...batchFeeds(emptyBatch(bucket)), inverseTokens: f32(0), ...dropoutSeed });
  }

  /** What a batch comes to, without dropout; changes nothing. */
  async evaluate(batch: Batch): Promise<Measured> {
    const program = await this.#evaluate(batch.bucket);
    return this.#method.evaluated(batch, await program.run(batchFeeds(batch)));
  }

  async dispose(): Promise<void> {
    for (const program of this.#programs.values()) await program.dispose();
    this.#programs.clear();
  }

  #microStep(bucket: Bucket): Promise<Program> {
    return this.#program(`microStep ${bucketName(bucket)}`, () => this.#method.microStep(this.#plan, bucket));
  }

  #evaluate(bucket: Bucket): Promise<Program> {
    return this.#program(`evaluate ${bucketName(bucket)}`, () => this.#method.evaluate(this.#plan, bucket));
  }

  #update(): Promise<Program> {
    return this.#program('update', () => buildUpdate(this.#plan, this.#settings.optimizer, this.#settings.maxGradNorm));
  }

  async #program(key: string, build: () => Parameters<BackendSession['compile']>[0]): Promise<Program> {
    const program = this.#programs.get(key) ?? (await this.#session.compile(build()));
    this.#programs.set(key, program);
    return program;
  }

  #hasDropout(): boolean {
    return this.#plan.trainable.dropout > 0;
  }
}

function batchFeeds({ bucket, ids, rows, targets, segments }: Batch): Record<string, HostTensor> {
  const perToken = Object.entries({ ids, ...segments }).map(([name, data]) => [name, i32(data, [bucket.batch, bucket.length])] as const);
  return { ...Object.fromEntries(perToken), rows: i32(rows, [bucket.rows]), targets: i32(targets, [bucket.rows]) };
}

function i32(data: Int32Array | readonly number[], shape: readonly number[]): HostTensor {
  return { dtype: 'i32', shape, data: data instanceof Int32Array ? data : Int32Array.from(data) };
}

function f32(value: number): HostTensor {
  return { dtype: 'f32', shape: [], data: Float32Array.of(value) };
}
