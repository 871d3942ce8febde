/** @file How fast a run goes, by its newest steps. */
import type { MetricPoint } from '../../../shared/domain/metrics.ts';

/** Steps that speed and time left are taken from. */
export const RECENT = 20;
/** Steps of which a pace is believed: after the first, which also readies buffers and caches, two more. */
const ENOUGH = 3;

export interface Pace {
  readonly secondsPerStep: number;
  readonly tokensPerSecond: number;
}

/**
 * From the end of the oldest of the steps to the end of the newest, with all that came between, as saving: so neither what came before the
 * first step (loading, compiling) nor the first step itself counts.
 * @param points newest first; those without a clock do not count
 * @param resumedFrom steps up to here are of an earlier attempt, whose clock was another one
 */
export function paceOf(points: readonly MetricPoint[], resumedFrom: number): Pace | null {
  const own = points.flatMap(({ step, values: { elapsed_seconds: at, num_tokens: tokens } }) =>
    step > resumedFrom && at !== undefined && tokens !== undefined ? [{ step, at, tokens }] : [],
  );
  const [newest, oldest] = [own[0], own.at(-1)];
  if (newest === undefined || oldest === undefined || own.length < ENOUGH) return null;
  const seconds = newest.at - oldest.at;
  if (seconds <= 0) return null;
  return { secondsPerStep: seconds / (newest.step - oldest.step), tokensPerSecond: (newest.tokens - oldest.tokens) / seconds };
}
