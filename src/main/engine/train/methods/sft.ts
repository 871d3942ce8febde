/** @file Supervised fine-tuning, as TRL's SFTTrainer does it: the tokens of a row that are marked are learned from those before them. */
import type { Batch } from '../../data/batch.ts';
import type { Examples } from '../../data/examples.ts';
import type { EncodedDataset } from '../../data/encoded-cache.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
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
  const { job, context, folder: { model }, tokenizer, earlier } = source;
  const autoLoss = earlier?.auto_loss ?? 'turns';
  const dataset = await openTrainingData(job, tokenizer, model, context, autoLoss, earlier?.inputs?.encoded.key ?? null);
  let examples: Examples;
  try {
    examples = examplesOf(dataset, job.recipe, model);
    if (earlier !== null) goOn(source, dataset, examples);
  } catch (error) {
    await dataset.close();
    throw error;
  }
  return {
    kept: { auto_loss: autoLoss },
    inputs: (sources) => withEncoded(sources, dataset),
    batches: (position) => new TrainingData(examples, job.recipe, model, tokenizer.pad?.id ?? 0, position),
    close: () => dataset.close(),
  };
}

/** The examples decide after how many steps an epoch ends, and the rows must be those that the run began with. */
function goOn({ job, context, tokenizer, earlier }: MethodSource, dataset: EncodedDataset, { count }: Examples): void {
  const { recipe, resumeFrom } = job;
  const problem = positionProblem(earlier!, Math.ceil(count / recipe.per_device_train_batch_size), recipe.gradient_accumulation_steps);
  if (problem !== null) throw new AppError({ code: 'CHECKPOINT-DAMAGED', message: `${resumeFrom}: ${problem}.`, data: { path: resumeFrom }, remedy: 'Remove this checkpoint, then resume: the run goes on from the one before it.' });
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
