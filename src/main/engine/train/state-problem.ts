import type { TrainerState } from './trainer-state.ts';

/**
 * What in a state contradicts itself, or the folder it lies in; null for nothing. The numbers of a checkpoint follow from each other:
 * step, place in the data, share of the epoch, last line of the log.
 * @param logEvery steps between two lines of the log
 */
export function stateProblem(state: TrainerState, step: number, accumulation: number, logEvery: number): string | null {
  const { global_step: own, max_steps: planned, data_position: position, log_history: log } = state;
  if (own !== step) return `trainer_state.json is of step ${own}, and the folder of step ${step}`;
  if (own > planned) return `trainer_state.json is of step ${own} of ${planned}`;
  const last = log.at(-1);
  // Where not every step is a line, the last one may be of an earlier step.
  const { num_tokens: tokens = state.tokens_seen } = last?.values ?? {};
  const isOther =
    last !== undefined && (last.step > own || (logEvery === 1 && last.step < own) || (last.step === own && tokens !== state.tokens_seen));
  if (isOther)
    return `the log in trainer_state.json ends at step ${last.step} with ${tokens} tokens, its state is of step ${own} with ${state.tokens_seen}`;
  const perEpoch = microBatchesPerEpoch(state, accumulation);
  return perEpoch === null
    ? `trainer_state.json says epoch ${state.epoch}, which does not fit micro-batch ${position.micro_batch} of epoch ${position.epoch}`
    : positionProblem(state, perEpoch, accumulation);
}

/** Where a run stands after a step, held against what a state says. */
export function positionProblem(
  { global_step: step, data_position: { epoch, micro_batch: microBatch } }: TrainerState,
  perEpoch: number,
  accumulation: number,
): string | null {
  const stepsPerEpoch = Math.max(1, Math.ceil(perEpoch / accumulation));
  const expected = { epoch: Math.floor(step / stepsPerEpoch), microBatch: (step % stepsPerEpoch) * accumulation };
  if (epoch === expected.epoch && microBatch === expected.microBatch) return null;
  return `trainer_state.json says that step ${step} is followed by micro-batch ${microBatch} of epoch ${epoch}, and it is followed by micro-batch ${expected.microBatch} of epoch ${expected.epoch}`;
}

/** Micro-batches of an epoch, from the share of it that is done; null where no number of them gives that share. */
function microBatchesPerEpoch(
  { global_step: step, epoch: done, data_position: { epoch, micro_batch: microBatch } }: TrainerState,
  accumulation: number,
): number | null {
  if (microBatch === 0) {
    if (done !== epoch) return null;
    // At the end of an epoch only the steps are known; before the first step, nothing is needed.
    if (epoch === 0) return step === 0 ? 1 : null;
    return Number.isInteger(step / epoch) ? (step / epoch) * accumulation : null;
  }
  const count = Math.round(microBatch / (done - epoch));
  return count > microBatch && epoch + microBatch / count === done ? count : null;
}
