import type { MetricName, MetricValues } from '../../../shared/domain/metrics.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import type { TrainerState } from './trainer-state.ts';

export type BestState = Pick<TrainerState, 'best_metric' | 'best_global_step' | 'early_stopping_patience_counter'>;

export interface Verdict {
  /** Better than all before. */
  readonly isBest: boolean;
  /** The patience is over. */
  readonly endsRun: boolean;
}

/** Which evaluation was the best, and when the run has gone on for long enough without a better one: transformers' decisions (spec 5.5). */
export class BestModel {
  readonly #recipe: Recipe;
  /** Null where nobody asks for the best. */
  readonly #name: MetricName | null;
  #state: BestState;

  constructor(recipe: Recipe, earlier: BestState | null) {
    this.#recipe = recipe;
    const { load_best_model_at_end: loads, early_stopping_patience: patience, metric_for_best_model: chosen } = recipe;
    const name = chosen ?? (loads || patience !== null ? 'loss' : null);
    this.#name = name === null ? null : `eval_${name}`;
    this.#state = {
      best_metric: earlier?.best_metric ?? null,
      best_global_step: earlier?.best_global_step ?? null,
      early_stopping_patience_counter: earlier?.early_stopping_patience_counter ?? 0,
    };
  }

  get name(): MetricName | null {
    return this.#name;
  }

  /** The run has ended, though perhaps not said so. */
  get isOver(): boolean {
    const { early_stopping_patience: patience } = this.#recipe;
    return patience !== null && this.#state.early_stopping_patience_counter >= patience;
  }

  /** What a checkpoint keeps of it. */
  get state(): BestState {
    return this.#state;
  }

  evaluated(step: number, values: MetricValues): Verdict {
    const value = this.#name === null ? undefined : values[this.#name];
    if (value === undefined) return { isBest: false, endsRun: false };
    const { best_metric: best, early_stopping_patience_counter: before } = this.#state;
    const { early_stopping_patience: patience, early_stopping_threshold: threshold } = this.#recipe;
    const isBest = best === null || this.#isBetter(value, best);
    // Held against the best before this evaluation, which a small improvement replaces all the same.
    const counts = best === null || (isBest && Math.abs(value - best) > threshold);
    const counter = counts || patience === null ? 0 : before + 1;
    this.#state = {
      ...(isBest ? { best_metric: value, best_global_step: step } : { best_metric: best, best_global_step: this.#state.best_global_step }),
      early_stopping_patience_counter: counter,
    };
    return { isBest, endsRun: patience !== null && counter >= patience };
  }

  /** As transformers implies `greater_is_better`. */
  #isBetter(value: number, than: number): boolean {
    return this.#name!.endsWith('loss') ? value < than : value > than;
  }
}
