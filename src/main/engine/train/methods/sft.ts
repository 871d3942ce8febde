/** @file Supervised fine-tuning, as TRL's SFTTrainer does it: the tokens of a row that are marked are learned from those before them. */
import type { Batch } from '../../data/batch.ts';
import type { Examples } from '../../data/examples.ts';
import type { EncodedDataset } from '../../data/encoded-cache.ts';
import { heldOut, type Recipe } from '../../../../shared/domain/recipe/recipe.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { CursorPosition } from '../../data/cursor.ts';
import { splitRows, type EncodedRows } from '../../data/split.ts';
import type { JobContext } from '../../job-context.ts';
import type { EngineEvent, TrainJob } from '../../protocol.ts';
import { evaluationOrder } from '../evaluation.ts';
import { scalarOf, type Measured, type Method, type MethodData, type MethodSource, type Outputs } from '../method.ts';
import { IGNORE } from '../../text/loss-mask.ts';
import { buildEvaluate, buildMicroStep } from '../programs.ts';
import { refuseOtherRows, withEncoded } from '../run-inputs.ts';
import { positionProblem } from '../state-problem.ts';
import { examplesOf, openTrainingData, TrainingData } from '../training-data.ts';

export const sft: Method = {
  open,
  microStep: buildMicroStep,
  evaluate: buildEvaluate,
  measured: (batch, outputs) => ({ loss: scalarOf(outputs, 'loss'), means: meansOf(batch, outputs) }),
  evaluated: (batch, outputs) => ({ loss: scalarOf(outputs, 'nllSum') / Math.max(1, targetsOf(batch)), means: meansOf(batch, outputs) }),
};

async function open(source: MethodSource): Promise<MethodData> {
  const {
    job,
    context,
    folder: { model },
    tokenizer,
    earlier,
  } = source;
  const autoLoss = earlier?.auto_loss ?? 'turns';
  const opened: EncodedDataset[] = [];
  const close = async () => void (await Promise.all(opened.map((dataset) => dataset.close())));
  const encoded = async (rows: TrainJob['rows'], emit: JobContext['emit'], key: string | null) => {
    const dataset = await openTrainingData({ ...job, rows }, tokenizer, model, { ...context, emit }, autoLoss, key);
    opened.push(dataset);
    return dataset;
  };
  try {
    const told = withoutCounts(context.emit);
    const dataset = await encoded(job.rows, told.emit, earlier?.inputs?.encoded.key ?? null);
    const other = job.evaluation === undefined ? null : await encoded(job.evaluation, withoutCounts(context.emit).emit, null);
    const { train, held } = evaluationRows(job.recipe, dataset, other);
    for (const counts of told.counts())
      context.emit({ ...counts, ...(held === null ? {} : { evaluated: { rows: held.rows, heldOut: other === null } }) });
    const examples = examplesOf(train, job.recipe, model);
    if (earlier !== null) goOn(source, dataset, examples);
    const data = (of: Examples, recipe: Recipe, position: CursorPosition) => new TrainingData(of, recipe, model, tokenizer.pad?.id ?? 0, position);
    return {
      kept: { auto_loss: autoLoss },
      inputs: (sources) => withEncoded(sources, dataset),
      batches: (position) => data(examples, job.recipe, position),
      evaluation: held === null ? null : data(examplesOf(held, job.recipe, model), evaluationOrder(job.recipe), { epoch: 0, microBatch: 0 }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Counts = Extract<EngineEvent, { kind: 'dataset' }>;

/** Keeps back what tells of a dataset, until all of it is known. */
function withoutCounts(emit: JobContext['emit']): { readonly emit: JobContext['emit']; counts(): readonly Counts[] } {
  const kept: Counts[] = [];
  return { emit: (event) => (event.kind === 'dataset' ? void kept.push(event) : emit(event)), counts: () => kept };
}

/** What is trained and what is evaluated: a file of its own, or rows held out by the seed. @throws AppError EVAL-ROWS */
function evaluationRows(
  recipe: Recipe,
  dataset: EncodedDataset,
  other: EncodedDataset | null,
): { readonly train: EncodedRows; readonly held: EncodedRows | null } {
  const held = heldOut(recipe, dataset.rows);
  if (held === 0) return { train: dataset, held: other };
  if (held < dataset.rows) return splitRows(dataset, held, recipe.seed);
  throw new AppError({
    code: 'EVAL-ROWS',
    message: `${held} of ${dataset.rows} usable rows would be held out for evaluation: none would be left to train on.`,
    data: { rows: dataset.rows, held },
    remedy: 'Lower val_size, or give a file of its own for the evaluation (eval_dataset).',
  });
}

/** The examples decide after how many steps an epoch ends, and the rows must be those that the run began with. */
function goOn({ job, context, tokenizer, earlier }: MethodSource, dataset: EncodedDataset, { count }: Examples): void {
  const { recipe, resumeFrom } = job;
  const problem = positionProblem(earlier!, Math.ceil(count / recipe.per_device_train_batch_size), recipe.gradient_accumulation_steps);
  if (problem !== null)
    throw new AppError({
      code: 'CHECKPOINT-DAMAGED',
      message: `${resumeFrom}: ${problem}.`,
      data: { path: resumeFrom },
      remedy: 'Remove this checkpoint, then resume: the run goes on from the one before it.',
    });
  const dated = earlier!.inputs === null ? null : refuseOtherRows(job, tokenizer, earlier!.inputs, dataset);
  if (dated !== null) context.emit({ kind: 'log', level: 'warning', message: dated });
}

/** As TRL has them: over the learned tokens of the micro-batch, and 0 where it has none. */
function meansOf(batch: Batch, outputs: Outputs): Measured['means'] {
  const targets = Math.max(1, targetsOf(batch));
  return { mean_token_accuracy: scalarOf(outputs, 'correct') / targets, entropy: scalarOf(outputs, 'entropySum') / targets };
}

function targetsOf({ targets }: Batch): number {
  return targets.reduce((count, target) => (target === IGNORE ? count : count + 1), 0);
}
