/**
 * @file Optimizer steps over a backend session: compiles the programs of a plan as shapes come up, runs micro-steps and the
 * update. Knows nothing of files, datasets or text.
 */
import type { BackendSession, HostTensor, Program } from '../backends/backend.ts';
import type { FlatState } from './checkpoint.ts';
import { buildEvaluate, buildMicroStep, buildUpdate, bucketName, STATE, type Bucket, type OptimizerSettings, type TrainingPlan } from './programs.ts';

/** One micro-batch, padded to its bucket. */
export interface MicroBatch {
  readonly bucket: Bucket;
  /** i32 [batch, length] */
  readonly ids: Int32Array;
  /** i32 [rows], flat positions b * length + t whose next token is learned; padding repeats 0 */
  readonly rows: Int32Array;
  /** i32 [rows], the token to learn; -100 on padding */
  readonly targets: Int32Array;
}

export interface StepResult {
  /** Mean nll over the step's targets. */
  readonly loss: number;
  /** Before clipping. */
  readonly gradNorm: number;
}

export class Trainer {
  readonly #session: BackendSession;
  readonly #plan: TrainingPlan;
  readonly #settings: OptimizerSettings;
  readonly #seed: number;
  readonly #programs = new Map<string, Program>();

  /** @param session holds the base weights already */
  constructor(session: BackendSession, plan: TrainingPlan, settings: OptimizerSettings, seed: number) {
    this.#session = session;
    this.#plan = plan;
    this.#settings = settings;
    this.#seed = seed;
  }

  /** Puts the trainable vector and both moments in place; gradients start at zero. */
  async load(state: FlatState): Promise<void> {
    const type = { dtype: 'f32', shape: [this.#plan.layout.size] } as const;
    const values = (data: Float32Array) => ({ kind: 'values', tensor: { ...type, data } }) as const;
    await this.#session.addStates([
      { name: STATE.trainable, type, role: 'variable', source: values(state.trainable) },
      { name: STATE.moment1, type, role: 'variable', source: values(state.m) },
      { name: STATE.moment2, type, role: 'variable', source: values(state.v) },
      { name: STATE.gradients, type, role: 'variable', source: { kind: 'zeros' } },
    ]);
  }

  async save(): Promise<FlatState> {
    const read = async (name: string) => (await this.#session.readState(name)).data as Float32Array;
    return { trainable: await read(STATE.trainable), m: await read(STATE.moment1), v: await read(STATE.moment2) };
  }

  /** Compiles ahead what `step` would compile at first use. */
  async prepare(buckets: readonly Bucket[], onProgress: (done: number, total: number) => void): Promise<void> {
    const total = buckets.length + 1;
    onProgress(0, total);
    for (const [i, bucket] of buckets.entries()) {
      await this.#microStep(bucket);
      onProgress(i + 1, total);
    }
    await this.#update();
    onProgress(total, total);
  }

  /**
   * One optimizer step (spec 5.1): gradients of all micro-batches add up, scaled by the step's target count. A step of rows that
   * hold nothing but their end has no target: loss and gradients are 0, as TRL logs it.
   * @param step 1-based number of this step: AdamW's t
   */
  async step(batches: readonly MicroBatch[], targetTokens: number, learningRate: number, step: number): Promise<StepResult> {
    const { beta1, beta2 } = this.#settings;
    let loss = 0;
    for (const [i, batch] of batches.entries()) {
      const program = await this.#microStep(batch.bucket);
      const dropoutSeed = this.#hasDropout() ? { dropoutSeed: i32([this.#seed, step * 65_536 + i], [2]) } : {};
      const outputs = await program.run({ ...batchFeeds(batch), inverseTokens: f32(targetTokens === 0 ? 0 : 1 / targetTokens), ...dropoutSeed });
      loss += scalarOf(outputs['loss']);
    }
    const outputs = await (await this.#update()).run({
      learningRate: f32(learningRate),
      biasCorrection1: f32(1 - beta1 ** step),
      biasCorrection2: f32(1 - beta2 ** step),
    });
    return { loss, gradNorm: scalarOf(outputs['gradNorm']) };
  }

  /** Computes a micro-batch of padding: what it takes is what a full one takes. Only for a run that is thrown away. */
  async tryShape(bucket: Bucket): Promise<void> {
    const zeros = (count: number) => new Int32Array(count);
    const batch = { bucket, ids: zeros(bucket.batch * bucket.length), rows: zeros(bucket.rows), targets: zeros(bucket.rows) };
    const dropoutSeed = this.#hasDropout() ? { dropoutSeed: i32([this.#seed, 0], [2]) } : {};
    await (await this.#microStep(bucket)).run({ ...batchFeeds(batch), inverseTokens: f32(0), ...dropoutSeed });
  }

  /** Sum of nll over a batch's targets; changes nothing. */
  async evaluate(batch: MicroBatch): Promise<number> {
    const program = await this.#program(`evaluate ${bucketName(batch.bucket)}`, () => buildEvaluate(this.#plan, batch.bucket));
    return scalarOf((await program.run(batchFeeds(batch)))['nllSum']);
  }

  async dispose(): Promise<void> {
    for (const program of this.#programs.values()) await program.dispose();
    this.#programs.clear();
  }

  #microStep(bucket: Bucket): Promise<Program> {
    return this.#program(`microStep ${bucketName(bucket)}`, () => buildMicroStep(this.#plan, bucket));
  }

  #update(): Promise<Program> {
    return this.#program('update', () => buildUpdate(this.#plan, this.#settings));
  }

  async #program(key: string, build: () => Parameters<BackendSession['compile']>[0]): Promise<Program> {
    const program = this.#programs.get(key) ?? (await this.#session.compile(build()));
    this.#programs.set(key, program);
    return program;
  }

  #hasDropout(): boolean {
    const { trainable } = this.#plan;
    return trainable.kind === 'lora' && trainable.dropout > 0;
  }
}

function batchFeeds({ bucket, ids, rows, targets }: MicroBatch): Record<string, HostTensor> {
  return {
    ids: i32(ids, [bucket.batch, bucket.length]),
    rows: i32(rows, [bucket.rows]),
    targets: i32(targets, [bucket.rows]),
  };
}

function i32(data: Int32Array | readonly number[], shape: readonly number[]): HostTensor {
  return { dtype: 'i32', shape, data: data instanceof Int32Array ? data : Int32Array.from(data) };
}

function f32(value: number): HostTensor {
  return { dtype: 'f32', shape: [], data: Float32Array.of(value) };
}

function scalarOf(tensor: HostTensor | undefined): number {
  if (!tensor) throw new Error('internal: the program gave no such output');
  return tensor.data[0]!;
}
