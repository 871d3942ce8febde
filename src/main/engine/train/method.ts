/** @file What a method of training brings to the run loop, which knows none: its data, its programs, and what their outputs mean. */
import type { MetricValues } from '../../../shared/domain/metrics.ts';
import type { HostTensor } from '../backends/backend.ts';
import type { CursorPosition } from '../data/cursor.ts';
import type { Batch, Bucket } from '../data/batch.ts';
import type { Graph } from '../ir/graph.ts';
import type { JobContext } from '../job-context.ts';
import type { ModelFolder } from '../models/open-model.ts';
import type { TrainJob } from '../protocol.ts';
import type { Tokenizer } from '../text/tokenizer/tokenizer.ts';
import type { TrainingPlan } from './programs.ts';
import type { RunSources } from './run-inputs.ts';
import type { RunInputs, TrainerState } from './trainer-state.ts';
import type { TrainingData } from './training-data.ts';

/** What a method's data is opened from. */
export interface MethodSource {
  readonly job: TrainJob;
  readonly context: JobContext;
  readonly folder: ModelFolder;
  readonly tokenizer: Tokenizer;
  /** State of the checkpoint that the run goes on from; null where it starts anew. */
  readonly earlier: TrainerState | null;
}

export interface MethodData {
  /** What is evaluated, by `evaluationOrder`; null where nothing is. */
  readonly evaluation: TrainingData | null;
  /** What of the data goes into each checkpoint unchanged. */
  readonly kept: Pick<TrainerState, 'auto_loss'>;
  /** What the run trains on, with the rows as tokens. */
  inputs(sources: RunSources): RunInputs;
  /** The micro-batches of the run, from a position on. */
  batches(position: CursorPosition): TrainingData;
  close(): Promise<void>;
}

/** What a micro-batch came to. */
export interface Measured {
  /** Its share of the step's loss: the shares of a step add up. */
  readonly loss: number;
  /** What is told as the plain mean over micro-batches. */
  readonly means: MetricValues;
}

export type Outputs = Readonly<Record<string, HostTensor>>;

export interface Method {
  /** @throws AppError where a run that is resumed would not train on what it began with */
  open(source: MethodSource): Promise<MethodData>;
  /** Forward, backward, and the gradient added to those of the step. */
  microStep(plan: TrainingPlan, bucket: Bucket): Graph;
  /** Forward alone; changes nothing. */
  evaluate(plan: TrainingPlan, bucket: Bucket): Graph;
  measured(batch: Batch, outputs: Outputs): Measured;
  /** Of a batch that was evaluated; the loss is the batch's own. */
  evaluated(batch: Batch, outputs: Outputs): Measured;
}

/** A scalar that a program gave. */
export function scalarOf(outputs: Outputs, name: string): number {
  const tensor = outputs[name];
  if (!tensor) throw new Error(`internal: the program gave no ${name}`);
  return tensor.data[0]!;
}
