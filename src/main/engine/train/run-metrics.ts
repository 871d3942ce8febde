/**
 * @file What the steps of a run come to: points for the host and for checkpoints, as transformers and TRL log them (spec 2.9), and the
 * end of a run that has left the range of numbers.
 */
import type { MetricPoint, MetricValues } from '../../../shared/domain/metrics.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { ModelFolder } from '../models/open-model.ts';
import { nonFiniteError } from '../weights/non-finite.ts';
import { LogWindow } from './log-window.ts';
import { LOG_TAIL, type TrainerState } from './trainer-state.ts';
import type { StepResult } from './trainer.ts';
import type { StepData } from './training-data.ts';

export interface StepFacts extends StepResult {
  readonly data: StepData;
  readonly learningRate: number;
  readonly epoch: number;
  /** Taken by the step. */
  readonly seconds: number;
}

export class RunMetrics {
  readonly #folder: ModelFolder;
  readonly #window: LogWindow;
  #log: readonly MetricPoint[];
  #tokensSeen: number;
  #lossSum = 0;
  #steps = 0;
  #last: MetricValues = {};

  /** @param earlier state of the checkpoint that the run goes on from */
  constructor(folder: ModelFolder, earlier: TrainerState | null) {
    this.#folder = folder;
    this.#window = new LogWindow(earlier?.log_window ?? null);
    this.#log = earlier?.log_history ?? [];
    this.#tokensSeen = earlier?.tokens_seen ?? 0;
  }

  /** Over the steps of this process; null where it took none. */
  get meanLoss(): number | null {
    return this.#steps === 0 ? null : this.#lossSum / this.#steps;
  }

  /** Takes a step in. @throws AppError E-NAN, or what of the model makes a step that */
  async add(step: number, { data, learningRate, epoch, loss, gradNorm, measured, seconds }: StepFacts): Promise<void> {
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm))
      throw await nonFiniteError(this.#folder, `Step ${step}`, notFinite(step, loss, gradNorm, learningRate));
    this.#tokensSeen += data.tokens;
    this.#lossSum += loss;
    this.#steps++;
    this.#window.add(
      loss,
      data.targetTokens,
      seconds,
      measured.map(({ means }) => means),
    );
    this.#last = { epoch, grad_norm: gradNorm, learning_rate: learningRate, num_tokens: this.#tokensSeen };
  }

  /**
   * What is told of the step that was taken in last: nothing but that it was done, what came together since the last line, or what an
   * evaluation came to.
   * @param isDue a line of the log ends here
   * @param elapsed seconds of the run
   */
  point(step: number, isDue: boolean, evaluated: MetricValues, elapsed: number): MetricPoint {
    const { seconds, ...window } = isDue ? this.#window.take() : {};
    const values: MetricValues = isDue ? { ...this.#last, ...window, ...evaluated } : evaluated;
    if (Object.keys(values).length === 0) return { step, values };
    // Not the clock: a run that was resumed leaves the same bytes.
    this.#log = [...this.#log, { step, values }].slice(-LOG_TAIL);
    return { step, values: { ...values, ...(seconds === undefined ? {} : { seconds }), elapsed_seconds: elapsed } };
  }

  /** What a checkpoint keeps of it. */
  state(): Pick<TrainerState, 'tokens_seen' | 'log_history' | 'log_window'> {
    return { tokens_seen: this.#tokensSeen, log_history: [...this.#log], log_window: this.#window.state() };
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
