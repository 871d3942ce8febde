import { METRIC_NAMES, type MetricName, type MetricValues } from '../../../shared/domain/metrics.ts';
import type { TrainerState } from './trainer-state.ts';

type Kept = NonNullable<TrainerState['log_window']>;

/**
 * The steps since the last line of the log. A line holds the mean loss of its steps, and the plain mean over their micro-batches of what
 * is measured there, as transformers and TRL have it.
 */
export class LogWindow {
  #kept: Kept;
  #seconds = 0;

  constructor(kept: Kept | null) {
    this.#kept = kept ?? EMPTY;
  }

  add(loss: number, targets: number, seconds: number, microBatches: readonly MetricValues[]): void {
    const kept = this.#kept;
    this.#kept = {
      steps: kept.steps + 1,
      loss: kept.loss + loss,
      target_tokens: kept.target_tokens + targets,
      micro_batches: kept.micro_batches + microBatches.length,
      sums: microBatches.reduce(added, kept.sums),
    };
    this.#seconds += seconds;
  }

  /** The line, and a new window. At least one step has been added. */
  take(): MetricValues {
    const { steps, loss, target_tokens, micro_batches: count, sums } = this.#kept;
    const means = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]));
    const line = { loss: loss / steps, target_tokens, ...means, seconds: this.#seconds };
    this.#kept = EMPTY;
    this.#seconds = 0;
    return line;
  }

  /** Null at the end of a line. The clock is not kept. */
  state(): Kept | null {
    return this.#kept.steps === 0 ? null : this.#kept;
  }
}

const EMPTY: Kept = { steps: 0, loss: 0, target_tokens: 0, micro_batches: 0, sums: {} };

function added(sums: MetricValues, values: MetricValues): MetricValues {
  return Object.fromEntries(
    METRIC_NAMES.filter((name) => values[name] !== undefined).map((name): [MetricName, number] => [name, (sums[name] ?? 0) + values[name]!]),
  );
}
