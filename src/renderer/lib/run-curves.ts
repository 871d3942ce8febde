/**
 * @file The points of one run as they come in: columns that grow, outside of React, since 100,000 points a curve must not be
 * copied for each batch. `version` tells that something is new.
 */
import { MAIN_METRIC, type MetricName } from '../../shared/domain/metrics.ts';
import type { MetricColumns, RunWatchUpdate } from '../../shared/domain/run-record.ts';
import { Smoothed } from './smoothing.ts';

export class RunCurves {
  readonly step: number[] = [];
  /** As long as `step`, with nulls where a point has no such value; only what has been told of. */
  readonly #values = new Map<MetricName, (number | null)[]>();
  version = 0;
  #smoothed = new Smoothed(0);

  /** @returns whether the update was about points */
  apply(update: RunWatchUpdate): boolean {
    switch (update.kind) {
      case 'metrics':
        this.#extend(update.columns);
        break;
      case 'rewind':
        this.#cut(this.step.findIndex((step) => step > update.afterStep));
        break;
      default:
        return false;
    }
    this.version += 1;
    return true;
  }

  clear(): void {
    this.#cut(0);
    this.version += 1;
  }

  /** Empty before anything was told of it. */
  column(name: MetricName): readonly (number | null)[] {
    return this.#values.get(name) ?? [];
  }

  first(name: MetricName): number | null {
    return this.column(name).find((value) => value !== null) ?? null;
  }

  last(name: MetricName): number | null {
    return this.column(name).findLast((value) => value !== null) ?? null;
  }

  /** @param weight of the past, from 0 (none) to under 1 */
  smoothed(weight: number): readonly (number | null)[] {
    if (weight !== this.#smoothed.weight) this.#smoothed = new Smoothed(weight);
    return this.#smoothed.extend(this.column(MAIN_METRIC));
  }

  #extend({ step, values }: MetricColumns): void {
    const before = this.step.length;
    for (const each of step) this.step.push(each);
    for (const [name, column] of Object.entries(values) as [MetricName, readonly (number | null)[]][]) {
      const curve = this.#values.get(name) ?? Array.from({ length: before }, () => null);
      for (const value of column) curve.push(value);
      this.#values.set(name, curve);
    }
    for (const curve of this.#values.values()) while (curve.length < this.step.length) curve.push(null);
  }

  #cut(at: number): void {
    if (at === -1) return;
    this.step.length = at;
    for (const curve of this.#values.values()) curve.length = at;
    this.#smoothed = new Smoothed(this.#smoothed.weight);
  }
}
