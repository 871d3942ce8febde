/** @file The loss of a run as it comes in. Pure. */
import type { RunWatchUpdate } from '../../../../shared/domain/run-record.ts';

export interface LossCurve {
  readonly step: readonly number[];
  readonly loss: readonly number[];
}

export const NO_CURVE: LossCurve = { step: [], loss: [] };

export function lossCurve(curve: LossCurve, update: RunWatchUpdate): LossCurve {
  if (update.kind === 'metrics') return { step: [...curve.step, ...update.columns.step], loss: [...curve.loss, ...update.columns.loss] };
  if (update.kind !== 'rewind') return curve;
  const kept = curve.step.filter((step) => step <= update.afterStep).length;
  return { step: curve.step.slice(0, kept), loss: curve.loss.slice(0, kept) };
}

/** A running mean that forgets: each value weighs `1 - weight`, corrected for the start. */
export function smoothed(values: readonly number[], weight = 0.9): readonly number[] {
  let mean = 0;
  return values.map((value, i) => {
    mean = weight * mean + (1 - weight) * value;
    return mean / (1 - weight ** (i + 1));
  });
}
