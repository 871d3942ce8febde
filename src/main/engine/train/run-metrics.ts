/** @file What the steps of a run come to: points for the host and for checkpoints, and the end of a run that has left the range of numbers. */
import type { MetricPoint, MetricValues } from '../../../shared/domain/metrics.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { ModelFolder } from '../models/open-model.ts';
import { nonFiniteError } from '../weights/non-finite.ts';
import { LOG_TAIL, type TrainerState } from './trainer-state.ts';
import type { StepResult } from './trainer.ts';
import type { StepData } from './training-data.ts';

export interface StepFacts extends StepResult {
  readonly data: StepData;
  readonly learningRate: number;
  readonly epoch: number;
}

export class RunMetrics {
  readonly #folder: ModelFolder;
  #log: readonly MetricPoint[];
  #tokensSeen: number;
  #lossSum = 0;
  #steps = 0;

  /** @param earlier state of the checkpoint that the run goes on from */
  constructor(folder: ModelFolder, earlier: TrainerState | null) {
    this.#folder = folder;
    this.#log = earlier?.log_history ?? [];
    this.#tokensSeen = earlier?.tokens_seen ?? 0;
  }

  /** Over the steps of this process; null where it took none. */
  get meanLoss(): number | null {
    return this.#steps === 0 ? null : this.#lossSum / this.#steps;
  }

  /** @throws AppError E-NAN, or what of the model makes a step that */
  async step(step: number, { data, learningRate, epoch, loss, gradNorm }: StepFacts, clock: MetricValues): Promise<MetricPoint> {
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) throw await nonFiniteError(this.#folder, `Step ${step}`, notFinite(step, loss, gradNorm, learningRate));
    this.#tokensSeen += data.tokens;
    this.#lossSum += loss;
    this.#steps++;
    const values: MetricValues = { epoch, loss, grad_norm: gradNorm, learning_rate: learningRate, num_tokens: this.#tokensSeen, target_tokens: data.targetTokens };
    // Not the clock: a run that was resumed leaves the same bytes.
    this.#log = [...this.#log, { step, values }].slice(-LOG_TAIL);
    return { step, values: { ...values, ...clock } };
  }

  /** What a checkpoint keeps of it. */
  state(): Pick<TrainerState, 'tokens_seen' | 'log_history'> {
    return { tokens_seen: this.#tokensSeen, log_history: [...this.#log] };
  }
}

function notFinite(step: number, loss: number, gradNorm: number, learningRate: number): AppError {
  return new AppError({
    code: 'E-NAN',
    message: `Step ${step}: the loss is ${loss} and the gradient norm ${gradNorm}, at learning rate ${learningRate}. Training has left the range of numbers.`,
    data: { step, loss: String(loss), gradNorm: String(gradNorm), learningRate },
    remedy: 'Resume from the last checkpoint with a lower learning rate, or train in f32.',
  });
}
