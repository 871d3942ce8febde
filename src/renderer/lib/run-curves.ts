/**
 * @file The points of one run as they come in: columns that grow, outside of React, since 100,000 points a curve must not be
 * copied for each batch. `version` tells that something is new.
 */
import type { MetricColumns, RunWatchUpdate } from '../../shared/domain/run-record.ts';
import { extendSmoothed } from './smoothing.ts';

type Name = keyof MetricColumns;
const NAMES: readonly Name[] = ['step', 'epoch', 'loss', 'gradNorm', 'learningRate', 'tokensPerSecond'];

export class RunCurves {
  readonly columns: { readonly [N in Name]: number[] } = { step: [], epoch: [], loss: [], gradNorm: [], learningRate: [], tokensPerSecond: [] };
  version = 0;
  #smoothed: number[] = [];
  #weight = -1;

  /** @returns whether the update was about points */
  apply(update: RunWatchUpdate): boolean {
    switch (update.kind) {
      case 'metrics':
        for (const name of NAMES) for (const value of update.columns[name]) this.columns[name].push(value);
        break;
      case 'rewind':
        this.#cut(this.columns.step.findIndex((step) => step > update.afterStep));
        break;
      default: return false;
    }
    this.version += 1;
    return true;
  }

  clear(): void {
    this.#cut(0);
    this.version += 1;
  }

  /** @param weight of the past, from 0 (none) to under 1; as `extendSmoothed` */
  smoothedLoss(weight: number): readonly number[] {
    if (weight !== this.#weight) this.#smoothed = [];
    this.#weight = weight;
    extendSmoothed(this.#smoothed, this.columns.loss, weight);
    return this.#smoothed;
  }

  #cut(at: number): void {
    if (at === -1) return;
    for (const name of NAMES) this.columns[name].length = at;
    this.#smoothed.length = Math.min(this.#smoothed.length, at);
  }
}
