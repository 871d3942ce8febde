import { METRIC_NAMES, type MetricName, type MetricValues } from '../../../shared/domain/metrics.ts';
import { stepCount, type Recipe } from '../../../shared/domain/recipe/recipe.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Measured } from './method.ts';
import type { Trainer } from './trainer.ts';
import type { StepData, TrainingData } from './training-data.ts';

/** The recipe of going once over rows in their order, in batches of the evaluation. */
export function evaluationOrder(recipe: Recipe): Recipe {
  return {
    ...recipe,
    per_device_train_batch_size: recipe.per_device_eval_batch_size,
    gradient_accumulation_steps: 1,
    train_sampling_strategy: 'sequential',
    num_train_epochs: 1,
    max_steps: -1,
  };
}

/** Whether a step is followed by an evaluation. @param next what the run stands at once the step is done */
export function isEvaluated(recipe: Recipe, step: number, totalSteps: number, { next }: StepData): boolean {
  switch (recipe.eval_strategy) {
    case 'no':
      return false;
    case 'epoch':
      return next.microBatch === 0 || step === totalSteps;
    case 'steps':
      return step === totalSteps || step % stepCount(recipe.eval_steps ?? recipe.logging_steps, totalSteps) === 0;
  }
}

/** Rows held out, tried as often as asked. */
export class Evaluation {
  readonly #data: TrainingData;

  /** @param data by `evaluationOrder` */
  constructor(data: TrainingData) {
    this.#data = data;
  }

  get buckets(): TrainingData['buckets'] {
    return this.#data.buckets;
  }

  /**
   * The loss as transformers has it, the mean over batches by their rows; what else is measured as TRL has it, the plain mean over batches.
   * @throws AppError E-NAN
   */
  async run(trainer: Trainer, step: number, tell: (done: number, total: number) => void): Promise<MetricValues> {
    const total = this.#data.steps.microBatchesPerEpoch;
    const measured: (Measured & { readonly rows: number })[] = [];
    tell(0, total);
    for (let i = 0; i < total; i++) {
      const { batches, rows } = await this.#data.next();
      measured.push({ ...(await trainer.evaluate(batches[0]!)), rows });
      tell(i + 1, total);
    }
    const rows = measured.reduce((sum, each) => sum + each.rows, 0);
    const loss = measured.reduce((sum, each) => sum + each.loss * each.rows, 0) / rows;
    if (!Number.isFinite(loss)) throw notFinite(step, loss);
    return { eval_loss: loss, ...meansOf(measured) };
  }
}

function meansOf(measured: readonly Measured[]): MetricValues {
  const mean = (name: MetricName) => measured.reduce((sum, { means }) => sum + means[name]!, 0) / measured.length;
  const entries = METRIC_NAMES.flatMap((name) =>
    METRIC_NAMES.includes(evaluated(name)) && measured.every(({ means }) => means[name] !== undefined)
      ? [[evaluated(name), mean(name)] as const]
      : [],
  );
  return Object.fromEntries(entries);
}

function evaluated(name: MetricName): MetricName {
  return `eval_${name}` as MetricName;
}

function notFinite(step: number, loss: number): AppError {
  return new AppError({
    code: 'E-NAN',
    message: `Step ${step}: the loss over the rows held out is ${loss}. Training has left the range of numbers.`,
    data: { step, loss: String(loss) },
    remedy: 'Resume from the last checkpoint with a lower learning rate, or train in f32.',
  });
}
